import { type Payload } from '../../../core/engine/engine.js';
import { type ThreadOptions, type TurnOptions } from '../../../core/engine/options.js';
import { type CallerFunction, toDynamicTools } from '../../../core/turns/caller-tools.js';
import { type CreateResponse } from '../schema/create-response.js';
import { toChosenTools } from './tool-choice.js';

export type Mode = 'agent' | 'model';

/** What the metadata may say of the agent's surroundings, checked. */
export interface AgentChoices {
  cwd: string;
  approvalPolicy: string;
  sandbox: string | null;
}

/** What a thread is made with; it can't be changed without making another. */
export interface ThreadSpec {
  mode: Mode;
  isStored: boolean;
  tools: readonly CallerFunction[];
  verbosity: string | null;
  choices: AgentChoices;
  /** The only part of which a new value can be given to the thread as it is. */
  instructions: string | null;
}

export function toThreadSpec(body: CreateResponse, mode: Mode, choices: AgentChoices): ThreadSpec {
  return {
    mode,
    isStored: body.store ?? true,
    tools: toChosenTools(body).tools.map(({ name, description, parameters }) => ({ name, description, parameters })),
    verbosity: body.text?.verbosity ?? null,
    choices,
    instructions: body.instructions ?? null,
  };
}

/** Whether one can go on where the other was: everything that a thread keeps is equal. */
export function toSpecText({ instructions, ...spec }: ThreadSpec): string {
  return JSON.stringify([spec, instructions]);
}

export function toThreadOptions(spec: ThreadSpec, model: string | null): ThreadOptions {
  const { mode, isStored, tools, verbosity, choices } = spec;
  return {
    raw_events: true,
    ...(mode === 'model' ? { mode } : {}),
    cwd: choices.cwd,
    approval_policy: choices.approvalPolicy,
    ...(choices.sandbox === null ? {} : { sandbox: choices.sandbox }),
    ...(model === null ? {} : { model }),
    ...toInstructions(spec),
    ...(tools.length === 0 ? {} : { dynamic_tools: toDynamicTools(tools) }),
    ...(isStored ? {} : { ephemeral: true }),
    ...(verbosity === null ? {} : { config: { model_verbosity: verbosity } }),
  };
}

/** The agent has its own base instructions, to which a caller's are added; a bare model has none but its caller's. */
export function toInstructions({ mode, instructions }: Pick<ThreadSpec, 'mode' | 'instructions'>): ThreadOptions {
  if (mode === 'model') {
    return { base_instructions: instructions ?? '' };
  }
  return instructions === null ? {} : { developer_instructions: instructions };
}

/** What the turn is to be run with. */
export function toTurnOptions(body: CreateResponse): TurnOptions {
  const { model, reasoning, service_tier: tier } = body;
  const isTierAsked = tier === 'flex' || tier === 'priority';
  const options = {
    model,
    reasoning_effort: reasoning?.effort,
    reasoning_summary: reasoning?.summary ?? reasoning?.generate_summary,
    output_schema: toOutputSchema(body),
    service_tier_for_turn: isTierAsked ? tier : undefined,
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => (value ?? null) !== null));
}

/** A turn that waits can be gone on with by a request of the same text only. */
export function toTurnSpecText(options: TurnOptions, directions: readonly string[]): string {
  return JSON.stringify(directions.length === 0 ? options : { ...options, directions });
}

/** The engine knows one kind of format; any object is the schema of the older `json_object`. */
function toOutputSchema({ text }: CreateResponse): Payload | undefined {
  switch (text?.format?.type) {
    case 'json_schema':
      return text.format.schema;
    case 'json_object':
      return { type: 'object', additionalProperties: true };
    default:
      return undefined;
  }
}
