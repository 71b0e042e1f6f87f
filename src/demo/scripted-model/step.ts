/** Token counts of one model response, as the Responses wire reports them; cached ⊆ input and reasoning ⊆ output. */
export interface TokenUsage {
  input: number;
  cached: number;
  output: number;
  reasoning: number;
}

/** A tool call. `isJoined` puts it into the same response as the call before it: calls in parallel. */
export type CallStep = { isJoined?: boolean } & (
  | { kind: 'run'; command: string; justification?: string }
  | { kind: 'patch'; patch: string }
  | { kind: 'call'; tool: string; input: string }
  | { kind: 'mcp'; server: string; tool: string; input: string }
  | { kind: 'ask'; input: string }
);

/** Something that the model puts out without asking for a tool. `isOpen` leaves the message open for the next text. */
export type OutputStep =
  | { kind: 'say'; text: string; isOpen?: boolean }
  | { kind: 'think'; text: string }
  | { kind: 'deltas'; count: number; sizeChars: number; perWrite: number };

/** How the response behaves on the wire: its pace, its waits, its end, its ids and its reported usage. */
export type WireStep =
  | { kind: 'pace'; delayMs: number }
  | { kind: 'delay'; delayMs: number }
  | { kind: 'gate'; name: string }
  | { kind: 'stall' }
  | { kind: 'cut' }
  | { kind: 'ids' }
  | { kind: 'fail'; status: number; message: string }
  | { kind: 'fail-response'; code: string; message: string }
  | { kind: 'usage'; usage: TokenUsage };

/** One step of a scripted answer. */
export type Step = OutputStep | WireStep | CallStep;

const callKinds: ReadonlySet<string> = new Set<CallStep['kind']>(['run', 'patch', 'call', 'mcp', 'ask']);

/** True for the steps that call a tool, and so end the response which they stand in. */
export function isCallStep(step: Step): step is CallStep {
  return callKinds.has(step.kind);
}
