import { Body, Controller, Get, Param, Patch, Put, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Skills } from '../../core/engine/catalogue.js';
import { ServiceError } from '../../core/errors.js';
import { type View } from '../../http/view.js';
import { Workspace } from '../../core/workspace/workspace.js';
import { ConfigureSkillDto, ListSkillsQueryDto } from './skills.dto.js';
import { SkillConfiguredDto, SkillListDto } from './skills.views.js';
import { NeedsScope } from '../../http/routing/route-metadata.js';

interface KnownSkill {
  name: string;
  path: string;
}

@ApiTags('skills')
@Controller('api/v2/skills')
export class SkillsController {
  constructor(
    private readonly skills: Skills,
    private readonly workspace: Workspace,
  ) {}

  /** What the agent has been taught: its own skills, the user's, and those of each folder. */
  @ApiOperation({ summary: 'List skills' })
  @ApiOkResponse({ type: SkillListDto })
  @Get()
  async listSkills(@Query() { cwds, force_reload }: ListSkillsQueryDto): Promise<View<SkillListDto>> {
    const folders = cwds ?? [this.workspace.defaultPath];
    const allowed = await Promise.all(
      folders.map((folder, index) => this.workspace.requireFolder(folder, `?cwds[${String(index)}]`)),
    );
    return { data: await this.skills.list(allowed, force_reload === 'true'), next_cursor: null };
  }

  /** Switches a skill on or off, for all threads that begin from now on. */
  @ApiOperation({ summary: 'Switch a skill on or off' })
  @ApiOkResponse({ type: SkillConfiguredDto })
  @NeedsScope('admin')
  @Put(':name/config')
  configureSkill(@Param('name') name: string, @Body() body: ConfigureSkillDto): Promise<View<SkillConfiguredDto>> {
    return this.#configure(name, body);
  }

  @ApiOperation({
    summary: 'Switch a skill on or off',
    deprecated: true,
    description: 'Use `PUT /skills/{name}/config`.',
  })
  @ApiOkResponse({ type: SkillConfiguredDto })
  @NeedsScope('admin')
  @Patch(':name')
  updateSkill(@Param('name') name: string, @Body() body: ConfigureSkillDto): Promise<View<SkillConfiguredDto>> {
    return this.#configure(name, body);
  }

  /** The engine accepts any name in silence, so that one which does not exist is found out here. */
  async #configure(name: string, { enabled, cwd }: ConfigureSkillDto): Promise<View<SkillConfiguredDto>> {
    const folder = await this.workspace.requireFolder(cwd ?? this.workspace.defaultPath, 'cwd');
    const entries = await this.skills.list([folder], true);
    const skills = entries.flatMap((entry) => entry.skills as KnownSkill[]);
    const named = skills.filter((skill) => skill.name === name);
    if (named.length === 0) {
      throw new ServiceError('not_found', 'There is no skill of this name.');
    }
    const inForce = await Promise.all(named.map(({ path }) => this.skills.setEnabled({ path }, enabled)));
    return { name, enabled: inForce.every(Boolean) };
  }
}
