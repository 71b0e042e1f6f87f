import { type Payload } from './payload.js';

/** `untrusted`, `on-request`, `never`, or the engine's `{granular: {…}}`. */
export type ApprovalPolicy = string | Payload;

/** `{type: 'read_only' | 'workspace_write' | …}` with what belongs to the type, in snake_case. */
export type SandboxPolicy = Payload;

/** What both a thread and a turn can be given; the native API's own keys. */
interface CommonOptions {
  readonly model?: string | null | undefined;
  /** Absolute. */
  readonly cwd?: string | null | undefined;
  readonly approval_policy?: ApprovalPolicy | null | undefined;
  /** The whole policy, for which `sandbox` has only a word. */
  readonly sandbox_policy?: SandboxPolicy | null | undefined;
  readonly reasoning_effort?: string | null | undefined;
}

/** What a thread is created, resumed or forked with. What is left out comes from the engine's `config.toml`. */
export interface ThreadOptions extends CommonOptions {
  readonly model_provider?: string | null | undefined;
  /** `read-only`, `workspace-write` or `danger-full-access`. */
  readonly sandbox?: string | null | undefined;
  /** Overrides of the engine's configuration, by key path. */
  readonly config?: Payload | null | undefined;
  readonly base_instructions?: string | null | undefined;
  readonly developer_instructions?: string | null | undefined;
  readonly ephemeral?: boolean | null | undefined;
  /** Functions that the caller runs itself: `{type: 'function', name, description, input_schema}`. */
  readonly dynamic_tools?: readonly Payload[] | null | undefined;
  /** Where commands run; none for a bare model. */
  readonly environments?: readonly unknown[] | undefined;
  /** `model`: without what makes an agent of the model. */
  readonly mode?: 'agent' | 'model' | undefined;
  /** Whether the engine also says what the model's provider has sent. */
  readonly raw_events?: boolean | undefined;
}

/** What a turn is started with beside its input. What is left out is the thread's. */
export interface TurnOptions extends CommonOptions {
  /** A JSON Schema for the last message. */
  readonly output_schema?: unknown;
  readonly reasoning_summary?: string | null | undefined;
  /** For this turn alone. */
  readonly service_tier_for_turn?: string | null | undefined;
}
