import { type Decision } from './approval.js';

/** How somebody answers a question of the engine; which parts it may have depends on the kind of the question. */
export interface ApprovalAnswer {
  decision: Decision;
  /** `command_execution`: what to allow from now on, beside this command. */
  amendments?: { execpolicy?: readonly string[]; network?: { host: string; action: 'allow' | 'deny' } };
  /** `user_input`: the answers by question id. */
  answers?: Readonly<Record<string, readonly string[]>>;
  /** `mcp_elicitation`: the form's content. */
  content?: unknown;
  /** `permissions`: what is granted; all that was asked for when absent. */
  permissions?: Readonly<Record<string, unknown>>;
  /** `tool_call`: what the tool gave. */
  result?: { content: readonly ToolContent[]; success?: boolean };
}

export type ToolContent =
  | { type: 'text'; text: string }
  /** A URL, which may be a data URL. */
  | { type: 'image'; image_url: string }
  | { type: 'audio'; audio_url: string };
