import { stat } from 'node:fs/promises';
import { type Payload } from '../../core/engine/engine.js';
import { type EngineClient } from '../engine-client.js';

/** A sandbox by the engine's words: one of its modes, or a named profile of permissions. */
export type SandboxChoice = { mode: string } | { profile: string };

/** What the operator's configuration says of the sandbox of a thread that is started without one. */
export interface SandboxConfig {
  /** `undefined`: nothing. */
  choice: SandboxChoice | undefined;
  /** The table `sandbox_workspace_write`. */
  workspaceWrite: Payload;
}

interface ConfigLayer {
  config: Payload;
  disabledReason?: string | null;
}

interface ConfigRead {
  config: Payload;
  /** The one that has the last word first. */
  layers: ConfigLayer[];
}

/** Reads it from the engine, which knows all files that have a say, again after config.toml has changed. */
export class SandboxConfigReader {
  #cached: { version: string; config: SandboxConfig; hasTrusted: boolean } | undefined;

  /** @param configPath the engine's config.toml */
  constructor(
    private readonly client: Pick<EngineClient, 'call'>,
    private readonly configPath: string,
  ) {}

  /** For a thread in this folder, whose own configuration counts where the operator trusts it. */
  async read(cwd: string | undefined): Promise<SandboxConfig> {
    const version = await versionOf(this.configPath);
    if (this.#cached?.version !== version) {
      const read = await this.#read(undefined);
      this.#cached = { version, config: toSandboxConfig(read), hasTrusted: read.layers.some(trustsAnything) };
    }
    const { config, hasTrusted } = this.#cached;
    return hasTrusted && cwd !== undefined ? toSandboxConfig(await this.#read(cwd)) : config;
  }

  async #read(cwd: string | undefined): Promise<ConfigRead> {
    return this.client.call<ConfigRead>('config/read', { includeLayers: true, cwd: cwd ?? null });
  }
}

/** What one layer says; a profile counts before a mode beside it. */
export function findChoice({ default_permissions: profile, sandbox_mode: mode }: Payload): SandboxChoice | undefined {
  if (typeof profile === 'string') {
    return { profile };
  }
  return typeof mode === 'string' ? { mode } : undefined;
}

function toSandboxConfig({ config, layers }: ConfigRead): SandboxConfig {
  const choices = layers.filter(isInForce).map((layer) => findChoice(layer.config));
  return {
    choice: choices.find((choice) => choice !== undefined),
    workspaceWrite: (config.sandbox_workspace_write ?? {}) as Payload,
  };
}

const isInForce = ({ disabledReason }: ConfigLayer): boolean => (disabledReason ?? null) === null;

function trustsAnything({ config }: ConfigLayer): boolean {
  const projects = Object.values((config.projects ?? {}) as Record<string, Payload>);
  return projects.some(({ trust_level: level }) => level === 'trusted');
}

async function versionOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true });
    return [ino, size, mtimeNs].join(':');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return 'none';
    }
    throw error;
  }
}
