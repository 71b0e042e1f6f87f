import { z } from 'zod';
import { duration, fileChanges, invocation, msg, parsedCommand, tokenUsage } from './parts.js';

const call = { call_id: z.string(), turn_id: z.string() };
const approval = { approval_id: z.string().describe('To answer it with, also in `/api/v2/threads/{id}/approvals`.') };
const command = {
  ...call,
  process_id: z.string().optional(),
  command: z.array(z.string()),
  cwd: z.string(),
  parsed_cmd: z.array(parsedCommand),
  source: z.string(),
};
const failure = {
  message: z.string(),
  codex_error_info: z.unknown().describe('What kind of failure, in a word or in an object with one key.'),
};

const EVENTS = [
  msg('session_configured', 'The session, always first. Its id names it in later messages.', {
    session_id: z.string(),
    model: z.string(),
    model_provider_id: z.string(),
    approval_policy: z.unknown().describe('`untrusted`, `on-request`, `never`, or an object.'),
    sandbox_policy: z.looseObject({ type: z.string() }).nullable(),
    cwd: z.string(),
    reasoning_effort: z.string().optional(),
    history_log_id: z.int(),
    history_entry_count: z.int(),
  }),
  msg('thread_rolled_back', 'Turns were dropped from the history, since an earlier message was edited.', {
    num_turns: z.int(),
  }),
  msg('task_started', 'The agent begins.', { turn_id: z.string(), model_context_window: z.int().nullable() }),
  msg('task_complete', 'The agent is done, whether or not it went well. The last event of a run.', {
    turn_id: z.string(),
    last_agent_message: z.string().nullable(),
  }),
  msg('turn_aborted', 'The run was interrupted. The last event of a run.', {
    turn_id: z.string(),
    reason: z.enum(['interrupted', 'replaced']),
  }),
  msg('user_message', 'The message as it was sent to the model.', {
    message: z.string(),
    images: z.array(z.string()).optional(),
    local_images: z.array(z.string()),
    text_elements: z.array(z.unknown()),
  }),
  msg('agent_message_delta', 'A piece of a message.', { delta: z.string() }),
  msg('agent_message', 'A whole message.', { message: z.string() }),
  msg('agent_reasoning_delta', 'A piece of a summary of the reasoning.', { delta: z.string() }),
  msg('agent_reasoning_section_break', 'Another section of the summary begins.', {
    item_id: z.string(),
    summary_index: z.int(),
  }),
  msg('agent_reasoning', 'A whole section of the summary.', { text: z.string() }),
  msg('agent_reasoning_raw_content_delta', 'A piece of the reasoning itself.', { delta: z.string() }),
  msg('agent_reasoning_raw_content', 'A part of the reasoning itself.', { text: z.string() }),
  msg('exec_command_begin', 'A command is about to run; one that needs approval is asked about next.', command),
  msg('exec_command_output_delta', 'A piece of what a command wrote.', {
    call_id: z.string(),
    stream: z.enum(['stdout', 'stderr']),
    chunk: z.string().describe('Base64.'),
  }),
  msg('terminal_interaction', 'Something was typed into a running command.', {
    call_id: z.string(),
    process_id: z.string(),
    stdin: z.string(),
  }),
  msg('exec_command_end', 'A command has ended, or was declined. The engine tells stdout and stderr together.', {
    ...command,
    stdout: z.string(),
    stderr: z.string(),
    aggregated_output: z.string(),
    exit_code: z.int().describe('-1 when it never ended by itself.'),
    duration,
    formatted_output: z.string(),
    status: z.string().describe('`completed`, `failed` or `declined`.'),
  }),
  msg('exec_approval_request', 'May this command run?', {
    ...call,
    ...approval,
    command: z.array(z.string()),
    cwd: z.string(),
    reason: z.string().optional(),
    parsed_cmd: z.array(parsedCommand),
    proposed_execpolicy_amendment: z.array(z.string()).optional(),
    network_approval_context: z.unknown().optional().describe('The host that it is about, if it is about one.'),
  }),
  msg('apply_patch_approval_request', 'May these files be changed?', {
    ...call,
    ...approval,
    changes: fileChanges,
    reason: z.string().optional(),
    grant_root: z.string().optional(),
  }),
  msg('patch_apply_begin', 'A patch is about to be applied.', {
    ...call,
    auto_approved: z.boolean(),
    changes: fileChanges,
  }),
  msg('patch_apply_end', 'A patch was applied, or not.', {
    ...call,
    stdout: z.string(),
    stderr: z.string(),
    success: z.boolean(),
    changes: fileChanges,
    status: z.string().describe('`completed`, `failed` or `declined`.'),
  }),
  msg('turn_diff', 'All changes of this run so far.', { unified_diff: z.string() }),
  msg('token_count', 'What was used, in the whole session and in the last call of the model.', {
    info: z
      .object({
        total_token_usage: tokenUsage,
        last_token_usage: tokenUsage,
        model_context_window: z.int().nullable(),
      })
      .nullable(),
    rate_limits: z.null(),
  }),
  msg('plan_update', 'The plan of the agent.', {
    explanation: z.string().nullable(),
    plan: z.array(z.object({ step: z.string(), status: z.string() })),
  }),
  msg('mcp_tool_call_begin', 'A tool of an MCP server is called.', { call_id: z.string(), invocation }),
  msg('mcp_tool_call_end', 'What came of it.', {
    call_id: z.string(),
    invocation,
    duration,
    result: z.union([z.object({ Ok: z.looseObject({}) }), z.object({ Err: z.string() })]),
  }),
  msg('web_search_begin', 'The web is searched.', { call_id: z.string() }),
  msg('web_search_end', 'The web was searched.', { call_id: z.string(), query: z.string() }),
  msg('view_image_tool_call', 'The agent looks at an image.', { call_id: z.string(), path: z.string() }),
  msg('context_compacted', 'The history was summed up.', {}),
  msg('elicitation_request', 'An MCP server asks something.', {
    ...approval,
    server_name: z.string(),
    id: z.string(),
    message: z.string(),
  }),
  msg('request_user_input', 'The agent asks something that needs more than a yes: answer it in `/api/v2`.', {
    ...call,
    ...approval,
    questions: z.array(z.unknown()),
  }),
  msg('request_permissions', 'The agent asks for permissions.', {
    ...call,
    ...approval,
    reason: z.string().optional(),
    permissions: z.unknown().describe('What is asked for.'),
  }),
  msg('dynamic_tool_call_request', 'The agent calls a tool of the caller: answer it in `/api/v2`.', {
    ...call,
    ...approval,
    tool: z.string(),
    arguments: z.unknown().describe('As the tool takes them.'),
  }),
  msg('warning', 'Something to know; the run goes on.', { message: z.string() }),
  msg('stream_error', 'The connection to the model broke; the engine tries again.', {
    ...failure,
    additional_details: z.string().nullable(),
  }),
  msg('error', 'The run failed, or its stream can not go on.', {
    ...failure,
    code: z.string().optional().describe('When this server says it, and not the engine.'),
  }),
] as const;

export const eventMsg = z
  .discriminatedUnion('type', EVENTS)
  .meta({ id: 'EventMsg', description: 'What the `data:` line of a frame holds, by its `type`.' });

export type EventMsg = z.infer<typeof eventMsg>;
