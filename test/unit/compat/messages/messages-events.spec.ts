import { eventMsg, type EventMsg } from '../../../../src/compat/messages/event-msg/event-msg.js';
import { EventTranslator } from '../../../../src/compat/messages/from-core.js';
import { toServiceEvent } from '../../../../src/core/events/catalogue.js';

type Event = readonly [name: string, payload: Record<string, unknown>];

/** What a stream of events becomes; each of the results has the form that is documented. */
function translate(...events: Event[]): EventMsg[] {
  const translator = new EventTranslator();
  const told = events.flatMap(([name, payload]) =>
    translator.take(toServiceEvent(name, { turn_id: 't1', ...payload })),
  );
  expect(told.filter((event) => !eventMsg.safeParse(event).success)).toEqual([]);
  return told;
}

const command = {
  type: 'command_execution',
  id: 'c1',
  command: `/bin/bash -lc 'echo "a b"'`,
  cwd: '/w',
  process_id: null,
  source: 'agent',
  status: 'in_progress',
  command_actions: [
    { type: 'unknown', command: 'echo' },
    { type: 'list_files', command: 'ls', path: null },
  ],
  aggregated_output: null,
  exit_code: null,
  duration_ms: null,
};
const patch = {
  type: 'file_change',
  id: 'p1',
  status: 'completed',
  changes: [
    { path: '/w/new', kind: { type: 'add' }, diff: 'one\n' },
    { path: '/w/old', kind: { type: 'update', move_path: '/w/moved' }, diff: '@@ -1 +1 @@' },
    { path: '/w/gone', kind: { type: 'delete' }, diff: 'was\n' },
  ],
};
const changes = {
  '/w/new': { type: 'add', content: 'one\n' },
  '/w/old': { type: 'update', unified_diff: '@@ -1 +1 @@', move_path: '/w/moved' },
  '/w/gone': { type: 'delete', content: 'was\n' },
};

describe('a run', () => {
  it('is told from its start to its last message', () => {
    const usage = {
      input_tokens: 3,
      cached_input_tokens: 1,
      output_tokens: 2,
      reasoning_output_tokens: 0,
      total_tokens: 5,
    };
    const told = translate(
      ['turn/started', { turn: { id: 't1' } }],
      [
        'item/completed',
        { item: { type: 'user_message', id: 'u1', content: [{ type: 'text', text: 'Hi', text_elements: [] }] } },
      ],
      ['item/agentMessage/delta', { item_id: 'm1', delta: 'He' }],
      ['item/completed', { item: { type: 'agent_message', id: 'm1', text: 'Hello.' } }],
      ['thread/tokenUsage/updated', { token_usage: { total: usage, last: usage, model_context_window: null } }],
      ['turn/completed', { turn: { status: 'completed', error: null } }],
    );
    expect(told).toEqual([
      { type: 'task_started', turn_id: 't1', model_context_window: null },
      { type: 'user_message', message: 'Hi', local_images: [], text_elements: [] },
      { type: 'agent_message_delta', delta: 'He' },
      { type: 'agent_message', message: 'Hello.' },
      {
        type: 'token_count',
        info: { total_token_usage: usage, last_token_usage: usage, model_context_window: null },
        rate_limits: null,
      },
      { type: 'task_complete', turn_id: 't1', last_agent_message: 'Hello.' },
    ]);
  });

  it('has its reasoning, in pieces and whole', () => {
    expect(
      translate(
        ['item/reasoning/summaryPartAdded', { item_id: 'r1', summary_index: 0 }],
        ['item/reasoning/summaryTextDelta', { item_id: 'r1', delta: 'Think' }],
        ['item/reasoning/textDelta', { item_id: 'r1', delta: 'raw' }],
        ['item/completed', { item: { type: 'reasoning', id: 'r1', summary: ['Think'], content: ['raw'] } }],
      ),
    ).toEqual([
      { type: 'agent_reasoning_section_break', item_id: 'r1', summary_index: 0 },
      { type: 'agent_reasoning_delta', delta: 'Think' },
      { type: 'agent_reasoning_raw_content_delta', delta: 'raw' },
      { type: 'agent_reasoning', text: 'Think' },
      { type: 'agent_reasoning_raw_content', text: 'raw' },
    ]);
  });

  it('has its commands as words, with their output in base64 and then as a whole', () => {
    const fields = {
      call_id: 'c1',
      turn_id: 't1',
      command: ['/bin/bash', '-lc', 'echo "a b"'],
      cwd: '/w',
      parsed_cmd: [
        { type: 'unknown', cmd: 'echo' },
        { type: 'list_files', cmd: 'ls', path: null },
      ],
      source: 'agent',
    };
    expect(
      translate(
        ['item/started', { item: command }],
        ['item/commandExecution/outputDelta', { item_id: 'c1', delta: 'a b\n' }],
        [
          'item/completed',
          { item: { ...command, status: 'completed', aggregated_output: 'a b\n', exit_code: 0, duration_ms: 1002 } },
        ],
        ['item/completed', { item: { ...command, status: 'declined' } }],
      ),
    ).toEqual([
      { type: 'exec_command_begin', ...fields },
      { type: 'exec_command_output_delta', call_id: 'c1', stream: 'stdout', chunk: 'YSBiCg==' },
      {
        type: 'exec_command_end',
        ...fields,
        stdout: 'a b\n',
        stderr: '',
        aggregated_output: 'a b\n',
        exit_code: 0,
        duration: { secs: 1, nanos: 2_000_000 },
        formatted_output: 'a b\n',
        status: 'completed',
      },
      expect.objectContaining({ type: 'exec_command_end', exit_code: -1, status: 'declined' }),
    ]);
  });

  it('tells of a patch that nobody had to approve as such', () => {
    expect(translate(['item/started', { item: patch }], ['item/completed', { item: patch }])).toEqual([
      { type: 'patch_apply_begin', call_id: 'p1', turn_id: 't1', auto_approved: true, changes },
      {
        type: 'patch_apply_end',
        call_id: 'p1',
        turn_id: 't1',
        stdout: '',
        stderr: '',
        success: true,
        changes,
        status: 'completed',
      },
    ]);
  });

  it.each([
    ['approve', ['apply_patch_approval_request', 'patch_apply_begin', 'patch_apply_end']],
    ['decline', ['apply_patch_approval_request', 'patch_apply_end']],
  ])('asks about a patch with its changes, and begins it only then (%s)', (decision, types) => {
    const told = translate(
      ['item/started', { item: patch }],
      ['item/fileChange/requestApproval', { item_id: 'p1', approval_id: 'a1', reason: null, grant_root: null }],
      ['approval/resolved', { item_id: 'p1', approval_id: 'a1', kind: 'file_change', status: 'answered', decision }],
      ['item/completed', { item: { ...patch, status: decision === 'approve' ? 'completed' : 'declined' } }],
    );
    expect(told.map(({ type }) => type)).toEqual(types);
    expect(told[0]).toEqual({
      type: 'apply_patch_approval_request',
      call_id: 'p1',
      turn_id: 't1',
      approval_id: 'a1',
      changes,
    });
    expect(told.filter(({ type }) => type === 'patch_apply_begin')).toEqual(
      decision === 'approve' ? [expect.objectContaining({ auto_approved: false })] : [],
    );
  });

  it('asks its other questions, each with the id to answer it by', () => {
    const call = { item_id: 'i1', approval_id: 'a1' };
    const own = { call_id: 'i1', turn_id: 't1', approval_id: 'a1' };
    expect(
      translate(
        [
          'item/commandExecution/requestApproval',
          {
            ...call,
            command: 'touch x',
            cwd: '/w',
            reason: 'Why not.',
            command_actions: [],
            proposed_execpolicy_amendment: ['touch'],
          },
        ],
        ['item/permissions/requestApproval', { ...call, reason: null, permissions: { network: null } }],
        ['item/tool/requestUserInput', { ...call, questions: [{ id: 'q' }] }],
        ['item/tool/call', { ...call, call_id: 'i1', tool: 'look', arguments: { a: 1 } }],
        ['mcpServer/elicitation/request', { approval_id: 'a1', server_name: 's', message: 'Sure?' }],
      ),
    ).toEqual([
      {
        type: 'exec_approval_request',
        ...own,
        reason: 'Why not.',
        command: ['touch', 'x'],
        cwd: '/w',
        parsed_cmd: [],
        proposed_execpolicy_amendment: ['touch'],
      },
      { type: 'request_permissions', ...own, permissions: { network: null } },
      { type: 'request_user_input', ...own, questions: [{ id: 'q' }] },
      { type: 'dynamic_tool_call_request', ...own, tool: 'look', arguments: { a: 1 } },
      { type: 'elicitation_request', approval_id: 'a1', id: 'a1', server_name: 's', message: 'Sure?' },
    ]);
  });

  it('calls tools of MCP servers, with what came of it or what went wrong', () => {
    const call = { type: 'mcp_tool_call', id: 'x1', server: 's', tool: 't', arguments: { a: 1 }, duration_ms: 5 };
    const told = translate(
      ['item/started', { item: call }],
      [
        'item/completed',
        { item: { ...call, result: { content: [], structured_content: { b: 2 }, _meta: null }, error: null } },
      ],
      ['item/completed', { item: { ...call, result: null, error: { message: 'No.' } } }],
    );
    const own = { call_id: 'x1', invocation: { server: 's', tool: 't', arguments: { a: 1 } } };
    const duration = { secs: 0, nanos: 5_000_000 };
    expect(told).toEqual([
      { type: 'mcp_tool_call_begin', ...own },
      { type: 'mcp_tool_call_end', ...own, duration, result: { Ok: { content: [], structuredContent: { b: 2 } } } },
      { type: 'mcp_tool_call_end', ...own, duration, result: { Err: 'No.' } },
    ]);
  });

  it('shows the plan, the diff, searches, images, a compaction and warnings', () => {
    const search = { type: 'web_search', id: 'w1', query: 'q' };
    const told = translate(
      ['turn/plan/updated', { explanation: null, plan: [{ step: 'Do it', status: 'in_progress' }] }],
      ['turn/diff/updated', { diff: '+a' }],
      ['item/started', { item: search }],
      ['item/completed', { item: search }],
      ['item/completed', { item: { type: 'image_view', id: 'v1', path: '/w/a.png' } }],
      ['item/completed', { item: { type: 'context_compaction', id: 'z1' } }],
      ['item/commandExecution/terminalInteraction', { item_id: 'c1', process_id: '7', stdin: 'y\n' }],
      ['warning', { message: 'Careful.' }],
      ['approval/expired', { approval_id: 'a1' }],
      ['thread/name/updated', { thread_name: 'x' }],
    );
    expect(told).toEqual([
      { type: 'plan_update', explanation: null, plan: [{ step: 'Do it', status: 'in_progress' }] },
      { type: 'turn_diff', unified_diff: '+a' },
      { type: 'web_search_begin', call_id: 'w1' },
      { type: 'web_search_end', call_id: 'w1', query: 'q' },
      { type: 'view_image_tool_call', call_id: 'v1', path: '/w/a.png' },
      { type: 'context_compacted' },
      { type: 'terminal_interaction', call_id: 'c1', process_id: '7', stdin: 'y\n' },
      { type: 'warning', message: 'Careful.' },
      { type: 'warning', message: expect.stringContaining('declined') as string },
    ]);
  });
});

describe('the end of a run', () => {
  const failed: Event = [
    'turn/completed',
    { turn: { status: 'failed', error: { message: 'No.', codex_error_info: 'other' } } },
  ];
  const error = { type: 'error', message: 'No.', codex_error_info: 'other' };
  const complete = { type: 'task_complete', turn_id: 't1', last_agent_message: null };

  it('is complete after one error when it failed', () => {
    const said: Event = ['error', { will_retry: false, error: { message: 'No.', codex_error_info: 'other' } }];
    expect(translate(said, failed)).toEqual([error, complete]);
    expect(translate(failed)).toEqual([error, complete]);
  });

  it('is not told by a connection that is tried again', () => {
    const retry = { will_retry: true, error: { message: 'Again.', codex_error_info: null, additional_details: 'x' } };
    expect(translate(['error', retry])).toEqual([
      { type: 'stream_error', message: 'Again.', codex_error_info: null, additional_details: 'x' },
    ]);
  });

  it('is aborted when it was interrupted or never ran', () => {
    const aborted = { type: 'turn_aborted', turn_id: 't1', reason: 'interrupted' };
    expect(translate(['turn/completed', { turn: { status: 'interrupted', error: null } }])).toEqual([aborted]);
    expect(translate(['turn/cancelled', {}])).toEqual([aborted]);
    expect(translate(['engine/restarted', { reason: 'Gone.' }])).toEqual([
      { type: 'error', message: 'Gone.', codex_error_info: 'other' },
    ]);
  });
});
