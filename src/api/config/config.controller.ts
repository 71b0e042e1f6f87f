import { Body, Controller, Get, Patch, Put, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type ConfigEdit, Configuration } from '../../core/engine/configuration.js';
import { type Payload } from '../../core/engine/engine.js';
import { type View } from '../../http/view.js';
import { ConfigPolicy } from '../../core/permissions/config-policy.js';
import { Workspace } from '../../core/workspace/workspace.js';
import { engine } from '../resources/engine-schema.js';
import { PatchConfigDto, ReadConfigQueryDto, WriteConfigDto } from './config.dto.js';
import { ConfigDto, ConfigWrittenDto, toConfig, toConfigWritten } from './config.views.js';
import { NeedsScope } from '../../http/routing/route-metadata.js';

@ApiTags('config')
@Controller('api/v2/config')
export class ConfigController {
  constructor(
    private readonly configuration: Configuration,
    private readonly policy: ConfigPolicy,
    private readonly workspace: Workspace,
  ) {}

  /** All layers taken together, with where each key comes from. Secrets are masked. */
  @ApiOperation({ summary: "Get the engine's configuration" })
  @ApiOkResponse({ type: ConfigDto })
  @Get()
  async getConfig(@Query() { include_layers, cwd }: ReadConfigQueryDto): Promise<View<ConfigDto>> {
    const folder = cwd === undefined ? {} : { cwd: await this.workspace.requireFolder(cwd, 'cwd') };
    const read = await this.configuration.read({ includeLayers: true, ...folder });
    return toConfig(read, include_layers === 'true');
  }

  /** Into the user's `config.toml`, whose comments and order stay. Keys that are not open to callers need `--allow-config-admin`. */
  @ApiOperation({ summary: 'Write one key of the configuration' })
  @ApiOkResponse({ type: ConfigWrittenDto })
  @NeedsScope('admin')
  @Put()
  async writeConfig(@Body() body: WriteConfigDto): Promise<View<ConfigWrittenDto>> {
    const { key, key_path, value, merge_strategy, expected_version } = body;
    const keyPath = key_path ?? key ?? '';
    return this.#write([{ keyPath, value, mergeStrategy: merge_strategy ?? 'replace' }], expected_version);
  }

  /** All or nothing. Keys that are not open to callers need `--allow-config-admin`. */
  @ApiOperation({ summary: 'Write several keys of the configuration' })
  @ApiOkResponse({ type: ConfigWrittenDto })
  @NeedsScope('admin')
  @Patch()
  async patchConfig(@Body() { values, edits, expected_version }: PatchConfigDto): Promise<View<ConfigWrittenDto>> {
    const fromEdits = (edits ?? []).map(({ key_path, value, merge_strategy }) => ({
      keyPath: key_path,
      value,
      mergeStrategy: merge_strategy ?? ('replace' as const),
    }));
    const fromValues = Object.entries(values ?? {}).map(([keyPath, value]) => ({
      keyPath,
      value,
      mergeStrategy: 'replace' as const,
    }));
    return this.#write([...fromEdits, ...fromValues], expected_version);
  }

  /** What an administrator of this machine allows; `requirements` is `null` when there are no rules. */
  @ApiOperation({ summary: 'Get the requirements that the configuration has to meet' })
  @ApiOkResponse({ schema: engine('ConfigRequirementsReadResponse'), description: 'The requirements.' })
  @Get('requirements')
  getConfigRequirements(): Promise<Payload> {
    return this.configuration.readRequirements();
  }

  async #write(edits: readonly ConfigEdit[], expectedVersion: string | undefined): Promise<View<ConfigWrittenDto>> {
    for (const { keyPath, value, mergeStrategy } of edits) {
      this.policy.requireWritable(keyPath, value, mergeStrategy === 'replace');
    }
    return toConfigWritten(await this.configuration.write(edits, expectedVersion));
  }
}
