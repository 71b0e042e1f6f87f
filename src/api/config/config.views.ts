import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { type EffectiveValue } from '../../core/engine/effective-value.js';
import { type WrittenConfig } from '../../core/engine/configuration.js';
import { maskSecrets } from '../../core/engine/mask-secrets.js';
import { type Payload } from '../../core/engine/engine.js';
import { type View } from '../../http/view.js';

@ApiSchema({ description: 'A setting that decides which model answers, as it is in force. Never a secret.' })
export class EffectiveValueDto {
  @ApiProperty({ enum: ['model', 'model_provider', 'base_url', 'wire', 'approval_policy', 'config_file'] })
  name!: EffectiveValue['name'];

  /** `null`: left to the engine. Of `config_file`: there is none. */
  value!: string | null;

  /** The command line wins over the environment, that over the file, that over the default. */
  @ApiProperty({ enum: ['flag', 'env', 'file', 'default'] })
  source!: EffectiveValue['source'];

  /** The flag, the variable or the file that says so. */
  origin!: string | null;
}

@ApiSchema({ description: 'The configuration in force. Secrets are masked.' })
export class ConfigDto {
  /** By key, as in `config.toml`. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  config!: Record<string, unknown>;

  /** Which layer each key comes from. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  origins!: Record<string, unknown>;

  /** Each layer by itself, the strongest first; `null` unless asked for. */
  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true }, nullable: true })
  layers!: unknown[] | null;

  /** What was shown at the start, as it is now. */
  effective!: EffectiveValueDto[];

  /** Of the user's file, for `expected_version`; `null` when there is none. */
  version!: string | null;
}

@ApiSchema({ description: 'What became of a write.' })
export class ConfigWrittenDto {
  /** `ok_overridden`: it is written, but another layer has the last word. */
  @ApiProperty({ enum: ['ok', 'ok_overridden'] })
  status!: 'ok' | 'ok_overridden';

  /** Of the file as it is now. */
  version!: string;

  /** Who overrides it, and with what. */
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true })
  overridden_metadata!: Record<string, unknown> | null;
}

interface Layer {
  name?: { type?: string };
  version?: string;
}

export function toConfig(read: Payload, isWithLayers: boolean): View<ConfigDto> {
  const layers = (read.layers ?? []) as Layer[];
  const user = layers.find(({ name }) => name?.type === 'user');
  return {
    config: maskSecrets(read.config) as Record<string, unknown>,
    origins: read.origins as Record<string, unknown>,
    layers: isWithLayers ? (maskSecrets(layers) as unknown[]) : null,
    effective: read.effective as EffectiveValue[],
    version: user?.version ?? null,
  };
}

export function toConfigWritten({ status, version, overridden }: WrittenConfig): View<ConfigWrittenDto> {
  return { status, version, overridden_metadata: maskSecrets(overridden ?? null) as Record<string, unknown> | null };
}
