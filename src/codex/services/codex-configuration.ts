import { type ConfigEdit, Configuration, type WrittenConfig } from '../../core/engine/configuration.js';
import { type Payload } from '../../core/engine/engine.js';
import { ServiceError } from '../../core/errors.js';
import { FileBackup } from '../config/file-backup.js';
import { type EngineClient } from '../engine-client.js';

const RELOAD_ONLY = { edits: [], expected_version: null, reload_user_config: true };

export class CodexConfiguration extends Configuration {
  #lastWrite: Promise<unknown> = Promise.resolve();

  constructor(private readonly client: EngineClient) {
    super();
  }

  override read({ includeLayers, cwd }: { includeLayers: boolean; cwd?: string }): Promise<Payload> {
    return this.client.ask('config/read', { include_layers: includeLayers, cwd: cwd ?? null });
  }

  override readRequirements(): Promise<Payload> {
    return this.client.ask('configRequirements/read');
  }

  /** One after the other, since one that has to be undone must not take another with it. */
  override write(edits: readonly ConfigEdit[], expectedVersion?: string): Promise<WrittenConfig> {
    const written = this.#lastWrite.then(() => this.#write(edits, expectedVersion));
    this.#lastWrite = written.catch(() => undefined);
    return written;
  }

  /** The engine writes some values that it can't read: then the file gets the bytes back that it had. */
  async #write(edits: readonly ConfigEdit[], expectedVersion?: string): Promise<WrittenConfig> {
    const { path, health } = this.client.config;
    const before = new FileBackup(path);
    const wasReadable = (await health.check()) === undefined;
    const written = await this.#send(edits, expectedVersion);
    const fault = wasReadable ? await health.check() : undefined;
    if (fault !== undefined) {
      before.restore();
      await this.client.askAll('config/batchWrite', RELOAD_ONLY);
      await health.check();
      const message = `The engine could not read its configuration with this in it, so it was undone: ${fault}`;
      throw new ServiceError('unprocessable', message);
    }
    return written;
  }

  async #send(edits: readonly ConfigEdit[], expectedVersion: string | undefined): Promise<WrittenConfig> {
    const params = {
      edits: edits.map(({ keyPath, value, mergeStrategy }) => ({
        key_path: keyPath,
        value,
        merge_strategy: mergeStrategy,
      })),
      expected_version: expectedVersion ?? null,
      reload_user_config: true,
    };
    const written = await this.client.askAll('config/batchWrite', params, RELOAD_ONLY);
    return {
      status: written.status as WrittenConfig['status'],
      version: String(written.version),
      overridden: written.overridden_metadata,
    };
  }
}
