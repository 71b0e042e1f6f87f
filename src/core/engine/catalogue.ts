import { type Payload } from './payload.js';

/** The models that the agent can use. */
export abstract class Models {
  /** All of them, of the provider in force or of the given one. */
  abstract list(provider?: string): Promise<Payload[]>;
}

/** What the agent has been taught for these folders. */
export abstract class Skills {
  /** An entry `{cwd, skills, errors}` for each folder; of the default folder when none is given. */
  abstract list(cwds: readonly string[], forceReload: boolean): Promise<Payload[]>;

  /** Resolves with whether the skill is in force now. */
  abstract setEnabled(skill: { path: string }, enabled: boolean): Promise<boolean>;
}
