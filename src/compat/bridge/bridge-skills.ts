import { dirname } from 'node:path';
import { Injectable } from '@nestjs/common';
import { Skills } from '../../core/engine/catalogue.js';
import { EngineView } from '../../core/engine/engine-view.js';
import { ServiceError } from '../../core/errors.js';
import { Workspace } from '../../core/workspace/workspace.js';
import { type ListSkills, type WriteSkillConfig } from './bridge.dto.js';

interface KnownSkill {
  name: string;
  path: string;
}

/** What the agent has learned to do. */
@Injectable()
export class BridgeSkills {
  constructor(
    private readonly skills: Skills,
    private readonly view: EngineView,
    private readonly workspace: Workspace,
  ) {}

  /** An entry for each folder, in the engine's words. Throws `forbidden` for one outside the roots. */
  async list({ cwds = [], forceReload }: ListSkills): Promise<unknown[]> {
    const folders = cwds.length === 0 ? [this.workspace.defaultPath] : cwds;
    const allowed = await Promise.all(
      folders.map((folder, index) => this.workspace.requireFolder(folder, `cwds[${String(index)}]`)),
    );
    const entries = await this.skills.list(allowed, forceReload);
    return entries.map((entry) => this.view.toEngine('SkillsListEntry', entry));
  }

  /** Whether it is in force now. The engine accepts any skill in silence; one that is not there is `not_found` here. */
  async configure({ path, name, enabled }: WriteSkillConfig): Promise<boolean> {
    const entries = await this.skills.list([this.workspace.defaultPath], true);
    const known = entries.flatMap((entry) => entry.skills as KnownSkill[]);
    const meant = known.filter((skill) => (path ? isAt(skill, path) : skill.name === name));
    if (meant.length === 0) {
      throw new ServiceError('not_found', 'There is no such skill; /api/skills/list tells which there are.');
    }
    const inForce = await Promise.all(meant.map((skill) => this.skills.setEnabled({ path: skill.path }, enabled)));
    return inForce.every(Boolean);
  }
}

/** The folder of a skill stands for its `SKILL.md`. */
function isAt(skill: KnownSkill, path: string): boolean {
  const place = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  return skill.path === place || dirname(skill.path) === place;
}
