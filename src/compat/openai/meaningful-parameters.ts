/**
 * Fields, of whichever vendor or of this server's own other APIs, that ask for another answer, for other limits, or for
 * another place to work in. An answer that was made without them would be a wrong one, so that they are refused.
 */
const MEANINGFUL: ReadonlySet<string> = new Set([
  // other answers, or more of them
  ...['n', 'best_of', 'echo', 'suffix', 'use_beam_search', 'logprobs', 'top_logprobs', 'prompt_logprobs', 'logit_bias'],
  ...['modalities', 'audio', 'add_generation_prompt', 'continue_final_message', 'chat_template'],
  // what is said to the model
  ...['messages', 'input', 'prompt', 'system', 'instructions', 'context', 'documents', 'data_sources', 'files'],
  ...['previous_response_id', 'conversation', 'assistant_id', 'thread_id', 'tool_resources'],
  // what it may call
  ...[
    'functions',
    'function_call',
    'web_search_options',
    'web_search',
    'enable_search',
    'search_parameters',
    'plugins',
  ],
  // what the answer looks like
  ...[
    'text',
    'response_format',
    'response_format.schema',
    'response_schema',
    'format',
    'json_schema',
    'structured_outputs',
    'grammar',
  ],
  ...['guided_json', 'guided_regex', 'guided_choice', 'guided_grammar', 'regex', 'ebnf'],
  // where it ends
  ...['stop', 'stop_sequences', 'stop_token_ids', 'bad_words', 'ignore_eos', 'min_tokens', 'min_completion_tokens'],
  ...['max_tokens', 'max_completion_tokens', 'max_output_tokens', 'max_tokens_to_sample', 'num_predict', 'n_predict'],
  // how it is made, and where the agent works
  ...['background', 'mode', 'cwd', 'work_dir', 'working_directory', 'sandbox', 'sandbox_mode', 'sandbox_policy'],
  ...['approval_policy', 'permissions', 'permission_mode'],
]);

/** Values of theirs that ask for what is done anyway, beside `null`, `false` and what is empty. */
const DEFAULTS: Readonly<Record<string, unknown>> = { n: 1, best_of: 1, top_logprobs: 0 };

/**
 * Whether a field that a request's schema does not know can be left out of it without harm: it means little, or asks for
 * nothing. Of the fields in what a request holds, all that mean something are known.
 */
export function canIgnore(path: string, value: unknown): boolean {
  const asksForNothing = value === null || value === false || isEmpty(value) || DEFAULTS[path] === value;
  return asksForNothing || !(MEANINGFUL.has(path) || path.startsWith('codex'));
}

function isEmpty(value: unknown): boolean {
  return value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}
