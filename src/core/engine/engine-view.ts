import { type Payload } from './payload.js';

/** What is told in the engine's own words, by its name there. */
export type EngineShape =
  | 'AskForApproval'
  | 'SandboxPolicy'
  | 'SkillsListEntry'
  | 'ThreadForkParams'
  | 'ThreadResumeParams'
  | 'ThreadStartParams'
  | 'Turn'
  | 'TurnStartParams';

/** The engine's own words (camelCase, its own shapes), for callers that speak them. */
export abstract class EngineView {
  /** Ours in the engine's words. */
  abstract toEngine(shape: EngineShape, value: unknown): unknown;

  /** The engine's in our words. */
  abstract fromEngine(shape: EngineShape, value: unknown): unknown;

  /** A thread as the engine itself describes it, in its words and with its ids, without turns. Throws `thread_not_found`. */
  abstract describeThread(engineThreadId: string): Promise<Payload>;
}
