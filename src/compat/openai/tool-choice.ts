/** What a request says of calls, whichever form it says it in. */
export interface ToolChoice {
  /** The only ones that may be called; `null` for any. */
  names: readonly string[] | null;
  mustCall: boolean;
}

export interface ChosenTools<T> {
  tools: readonly T[];
  mustCall: boolean;
  /** What the model is told of it, besides the conversation. */
  directions: readonly string[];
}

/** How an answer fails that has no call although there had to be one. */
export const CHOICE_NOT_FOLLOWED = {
  code: 'tool_choice_not_followed',
  message: 'The model answered without the call that tool_choice demands.',
} as const;

/** What is wrong with the choice itself. */
export type ChoiceFault = { type: 'unknown'; name: string; index: number } | { type: 'nothing_to_call' };

export function toChoiceFault(
  tools: readonly { name: string }[],
  { names, mustCall }: ToolChoice,
): ChoiceFault | undefined {
  const index = (names ?? []).findIndex((wanted) => !tools.some(({ name }) => name === wanted));
  const name = names?.[index];
  if (name !== undefined) {
    return { type: 'unknown', name, index };
  }
  return mustCall && (names ?? tools).length === 0 ? { type: 'nothing_to_call' } : undefined;
}

/**
 * The engine always leaves the choice to the model. So only what may be called is offered, a call that must be made is
 * asked for in words, and an answer without it is refused afterwards.
 */
export function chooseTools<T extends { name: string }>(tools: readonly T[], choice: ToolChoice): ChosenTools<T> {
  const { names, mustCall } = choice;
  const chosen = names === null ? tools : tools.filter(({ name }) => names.includes(name));
  const callable = chosen.map(({ name }) => name).join(', ');
  return {
    tools: chosen,
    mustCall,
    directions: mustCall ? [`Answer with a call of a function and nothing else. You can call: ${callable}.`] : [],
  };
}
