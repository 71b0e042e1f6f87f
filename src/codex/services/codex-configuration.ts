import { type ConfigEdit, Configuration, type WrittenConfig } from '../../core/agent/configuration.js';
import { type Payload } from '../../core/engine/engine.js';
import { type EngineClient } from '../engine-client.js';

export class CodexConfiguration extends Configuration {
  constructor(private readonly client: EngineClient) {
    super();
  }

  override read({ includeLayers, cwd }: { includeLayers: boolean; cwd?: string }): Promise<Payload> {
    return this.client.ask('config/read', { include_layers: includeLayers, cwd: cwd ?? null });
  }

  override readRequirements(): Promise<Payload> {
    return this.client.ask('configRequirements/read');
  }

  override async write(edits: readonly ConfigEdit[], expectedVersion?: string): Promise<WrittenConfig> {
    const params = {
      edits: edits.map(({ keyPath, value, mergeStrategy }) => ({
        key_path: keyPath,
        value,
        merge_strategy: mergeStrategy,
      })),
      expected_version: expectedVersion ?? null,
      reload_user_config: true,
    };
    const reloadOnly = { ...params, edits: [], expected_version: null };
    const written = await this.client.askAll('config/batchWrite', params, reloadOnly);
    return {
      status: written.status as WrittenConfig['status'],
      version: String(written.version),
      overridden: written.overridden_metadata,
    };
  }
}
