import { readFileSync } from 'node:fs';
import { type ModelProvider } from '../../core/engine/model-provider.js';
import { ServiceError } from '../../core/errors.js';
import { applyToText, revertText, type TomlTable } from './config-edits.js';
import { type ConfigFile, readConfigFile } from './config-file.js';
import { replaceFile } from './replace-file.js';
import { type ShadowHome } from './shadow-home.js';
import { type ConfigTranslation, translateConfig } from './translate-config.js';

export interface EngineConfigOptions {
  codexHome: string;
  /** The provider that the command line or the environment asks for. */
  modelProvider: string | null;
  /** The value of `OLLAMA_BASE_URL`. */
  localBaseUrl: string | undefined;
  shadow: ShadowHome;
}

/**
 * The user's configuration and what the engine gets of it. Where the engine can't read the user's file, it has a
 * translated copy in the shadow home, which follows the file, and what the engine writes into the copy is taken back
 * into the file. The file itself is otherwise never written.
 */
export class EngineConfig {
  #file: ConfigFile;
  #translation: ConfigTranslation;
  #isReversible = true;
  #copy = '';
  readonly isShadowed: boolean;

  constructor(private readonly options: EngineConfigOptions) {
    this.#file = readConfigFile(options.codexHome);
    this.#translation = this.#translate(this.#file);
    this.isShadowed = this.#translation.edits.length > 0;
    if (this.isShadowed) {
      options.shadow.prepare();
      this.#writeCopy();
    }
  }

  get path(): string {
    return this.#file.path;
  }

  get exists(): boolean {
    return this.#file.text !== null;
  }

  /** The user's own, as it was last read. */
  get table(): TomlTable {
    return this.#file.table;
  }

  get translation(): ConfigTranslation {
    return this.#translation;
  }

  findProvider(id: string): ModelProvider | undefined {
    return this.#translation.providers.find((provider) => provider.id === id);
  }

  /** Reads the file again, should somebody have changed it, and lets the copy follow. */
  refresh(): void {
    const file = readConfigFile(this.options.codexHome);
    if (file.text !== this.#file.text) {
      this.#file = file;
      this.#translation = this.#translate(file);
      if (this.isShadowed) {
        this.#writeCopy();
      }
    }
  }

  /** Throws `unprocessable` for a file that is written in a way in which the engine's changes can't be taken back. */
  requireWritable(): void {
    if (this.isShadowed && !this.#isReversible) {
      throw new ServiceError(
        'unprocessable',
        'config.toml has values that had to be translated, written in a way (inline tables) in which they can not be ' +
          'kept when it is changed. Write them as [tables], or change the file by hand.',
      );
    }
  }

  /** After the engine may have written its copy: the same change in the user's file. Throws as `requireWritable` does. */
  takeBack(): void {
    if (!this.isShadowed) {
      this.refresh();
      return;
    }
    const written = readFileSync(this.options.shadow.configPath, 'utf8');
    const { text: original, path } = this.#file;
    const { edits } = this.#translation;
    if (original === null || written === this.#copy) {
      return;
    }
    const text = this.#isReversible ? revertText(written, original, edits) : undefined;
    if (text === undefined) {
      this.#writeCopy();
      this.requireWritable();
      throw new ServiceError(
        'unprocessable',
        'This change can not be made beside the values that had to be translated.',
      );
    }
    if (!replaceFile(path, original, text)) {
      this.#writeCopy();
      throw new ServiceError('version_conflict', 'config.toml was changed by others meanwhile; read it and try again.');
    }
    this.refresh();
  }

  #translate({ table }: ConfigFile): ConfigTranslation {
    const { modelProvider, localBaseUrl } = this.options;
    return translateConfig({ table, modelProvider, localBaseUrl });
  }

  #writeCopy(): void {
    const { text, table } = this.#file;
    const copy = applyToText(text ?? '', table, this.#translation.edits);
    this.#isReversible = copy.isReversible;
    this.#copy = copy.text;
    this.options.shadow.writeConfig(copy.text);
  }
}
