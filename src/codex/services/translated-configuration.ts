import { type EffectiveValue } from '../../core/engine/effective-value.js';
import { parseKeyPath } from '../../core/engine/key-path.js';
import { type ConfigEdit, Configuration, type WrittenConfig } from '../../core/engine/configuration.js';
import { Skills } from '../../core/engine/catalogue.js';
import { type Payload } from '../../core/engine/engine.js';
import { isTable, toEnginePath } from '../config/config-edits.js';
import { type EngineConfig } from '../config/engine-config.js';
import { type ProviderNames } from '../config/provider-names.js';
import { toUsersView } from '../config/to-users-view.js';

export interface TranslationParts {
  config: EngineConfig;
  names: ProviderNames;
  toEffective: () => EffectiveValue[];
}

/** The configuration as the user has written it, also where the engine has a translated copy of it. */
export class TranslatedConfiguration extends Configuration {
  constructor(
    private readonly inner: Configuration,
    private readonly parts: TranslationParts,
  ) {
    super();
  }

  override async read(options: { includeLayers: boolean; cwd?: string }): Promise<Payload> {
    const { config, toEffective } = this.parts;
    config.refresh();
    return { ...toUsersView(await this.inner.read(options), this.parts), effective: toEffective() };
  }

  override readRequirements(): Promise<Payload> {
    return this.inner.readRequirements();
  }

  override async write(edits: readonly ConfigEdit[], expectedVersion?: string): Promise<WrittenConfig> {
    const { config } = this.parts;
    config.refresh();
    config.requireWritable();
    const written = await this.inner.write(
      edits.map((edit) => this.#toEngine(edit)),
      expectedVersion,
    );
    config.takeBack();
    return written;
  }

  #toEngine(edit: ConfigEdit): ConfigEdit {
    const { config, names } = this.parts;
    const path = parseKeyPath(edit.keyPath);
    const enginePath = toEnginePath(path, config.translation.edits);
    const isSame = path.join('\n') === enginePath.join('\n');
    return {
      ...edit,
      keyPath: isSame ? edit.keyPath : enginePath.map((segment) => JSON.stringify(segment)).join('.'),
      value: toEngineValue(path, edit.value, names),
    };
  }
}

function toEngineValue(path: readonly string[], value: unknown, names: ProviderNames): unknown {
  if (path.at(-1) === 'model_provider' && typeof value === 'string') {
    return names.toEngine(value);
  }
  return path.length === 1 && path[0] === 'model_providers' && isTable(value)
    ? Object.fromEntries(Object.entries(value).map(([id, provider]) => [names.toEngine(id), provider]))
    : value;
}

/** Switching a skill writes to the configuration too. */
export class TranslatedSkills extends Skills {
  constructor(
    private readonly inner: Skills,
    private readonly config: EngineConfig,
  ) {
    super();
  }

  override list(cwds: readonly string[], forceReload: boolean): Promise<Payload[]> {
    return this.inner.list(cwds, forceReload);
  }

  override async setEnabled(skill: Parameters<Skills['setEnabled']>[0], enabled: boolean): Promise<boolean> {
    this.config.refresh();
    this.config.requireWritable();
    const isEnabled = await this.inner.setEnabled(skill, enabled);
    this.config.takeBack();
    return isEnabled;
  }
}
