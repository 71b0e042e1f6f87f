import {
  camelTranslator,
  hasDefinition,
  snakeTranslator,
  toCamel,
  toSnake,
} from '../../../../src/codex/protocol/translate.js';

describe('translation of events', () => {
  it('renames the keys of a delta', () => {
    const delta = { threadId: 't', turnId: 'u', itemId: 'i', delta: 'someText' };
    expect(toSnake('AgentMessageDeltaNotification', delta)).toEqual({
      thread_id: 't',
      turn_id: 'u',
      item_id: 'i',
      delta: 'someText',
    });
  });

  it('renames type, status and nested actions of a command item', () => {
    const item = {
      type: 'commandExecution',
      id: 'i',
      command: 'ls',
      cwd: '/w',
      processId: null,
      source: 'userShell',
      status: 'inProgress',
      commandActions: [{ type: 'listFiles', command: 'ls', path: null }],
      aggregatedOutput: 'someOutput',
      exitCode: null,
      durationMs: 3,
    };
    expect(toSnake('ItemStartedNotification', { item, threadId: 't', turnId: 'u', startedAtMs: 1 })).toEqual({
      item: {
        type: 'command_execution',
        id: 'i',
        command: 'ls',
        cwd: '/w',
        process_id: null,
        source: 'user_shell',
        status: 'in_progress',
        command_actions: [{ type: 'list_files', command: 'ls', path: null }],
        aggregated_output: 'someOutput',
        exit_code: null,
        duration_ms: 3,
      },
      thread_id: 't',
      turn_id: 'u',
      started_at_ms: 1,
    });
  });

  it('leaves the arguments and the result of a tool call to their owners', () => {
    const userData = { filePath: '/w', inProgress: { deepKey: ['camelValue'] } };
    const item = {
      type: 'mcpToolCall',
      id: 'i',
      arguments: userData,
      result: { content: [userData], structuredContent: userData, _meta: userData },
      status: 'inProgress',
    };
    const translated = toSnake('ThreadItem', item) as { arguments: unknown };
    expect(translated).toEqual({
      type: 'mcp_tool_call',
      id: 'i',
      arguments: userData,
      result: { content: [userData], structured_content: userData, _meta: userData },
      status: 'in_progress',
    });
    expect(translated.arguments).toBe(userData);
  });

  it('leaves dynamic tool arguments and their schemas alone', () => {
    const call = { threadId: 't', turnId: 'u', callId: 'c', namespace: null, tool: 'myTool', arguments: { userId: 1 } };
    expect(toSnake('DynamicToolCallParams', call)).toEqual({
      thread_id: 't',
      turn_id: 'u',
      call_id: 'c',
      namespace: null,
      tool: 'myTool',
      arguments: { userId: 1 },
    });
    const inputSchema = { type: 'object', properties: { userId: { minLength: 1 } }, additionalProperties: false };
    const ours = { type: 'function', name: 'myTool', description: 'd', input_schema: inputSchema };
    expect(toCamel('DynamicToolSpec', ours)).toEqual({
      type: 'function',
      name: 'myTool',
      description: 'd',
      inputSchema,
    });
  });

  it('leaves the form of an elicitation as the MCP server sent it', () => {
    const requestedSchema = {
      type: 'object',
      properties: { userName: { type: 'string', minLength: 2, enumNames: ['A'] } },
    };
    const common = {
      threadId: 't',
      turnId: null,
      serverName: 's',
      message: 'm',
      _meta: { someKey: 1 },
      requestedSchema,
    };
    const expected = {
      thread_id: 't',
      turn_id: null,
      server_name: 's',
      message: 'm',
      _meta: { someKey: 1 },
      requested_schema: requestedSchema,
    };
    for (const [mode, ours] of [
      ['form', 'form'],
      ['openai/form', 'openai/form'],
      ['openaiForm', 'openai_form'],
    ]) {
      expect(toSnake('McpServerElicitationRequestParams', { ...common, mode })).toEqual({ ...expected, mode: ours });
    }
  });

  it('keeps the keys of maps and translates their typed values', () => {
    const item = { type: 'collabAgentToolCall', agentsStates: { agentOne: { status: 'pendingInit', message: null } } };
    expect(toSnake('ThreadItem', item)).toEqual({
      type: 'collab_agent_tool_call',
      agents_states: { agentOne: { status: 'pending_init', message: null } },
    });
  });

  it.each([
    ['usageLimitExceeded', 'usage_limit_exceeded'],
    ['inferenceHookDenied', 'inference_hook_denied'],
    ['aNewerEnginesValue', 'a_newer_engines_value'],
    [
      { responseStreamDisconnected: { httpStatusCode: 502 } },
      { response_stream_disconnected: { http_status_code: 502 } },
    ],
  ])('translates an error that is a word or an object: %j', (engine, ours) => {
    expect(toSnake('CodexErrorInfo', engine)).toEqual(ours);
  });
});

describe('translation of requests', () => {
  it('keeps environment and config as the caller wrote them', () => {
    const env = { PATH: '/bin', camelName: 'inProgress', snake_name: null };
    expect(toCamel('CommandExecParams', { command: ['ls'], timeout_ms: 5, env })).toEqual({
      command: ['ls'],
      timeoutMs: 5,
      env,
    });
    const config = { model_providers: { myProvider: { base_url: 'u' } }, 'features.shell_tool': false };
    expect(toCamel('ThreadStartParams', { model_provider: 'p', approval_policy: 'on-request', config })).toEqual({
      modelProvider: 'p',
      approvalPolicy: 'on-request',
      config,
    });
  });

  it('keeps what the config holds, apps by their own ids too', () => {
    const config = { approval_policy: 'on-request', apps: { _default: null, someApp: { enabled: true } }, madeUp: 1 };
    expect(toSnake('ConfigReadResponse', { config, origins: { 'some.keyPath': { version: 'v' } } })).toEqual({
      config,
      origins: { 'some.keyPath': { version: 'v' } },
    });
  });

  it('turns a sandbox policy, inputs and decisions back', () => {
    expect(
      toCamel('TurnStartParams', {
        thread_id: 't',
        input: [
          { type: 'text', text: 'do_it', text_elements: [] },
          { type: 'local_image', path: '/p' },
        ],
        sandbox_policy: { type: 'workspace_write', writable_roots: ['/w_w'], exclude_slash_tmp: true },
        output_schema: { snake_key: true },
      }),
    ).toEqual({
      threadId: 't',
      input: [
        { type: 'text', text: 'do_it', text_elements: [] },
        { type: 'localImage', path: '/p' },
      ],
      sandboxPolicy: { type: 'workspaceWrite', writableRoots: ['/w_w'], excludeSlashTmp: true },
      outputSchema: { snake_key: true },
    });
    const decision = { accept_with_execpolicy_amendment: { execpolicy_amendment: ['git', 'push'] } };
    expect(toCamel('CommandExecutionRequestApprovalResponse', { decision })).toEqual({
      decision: { acceptWithExecpolicyAmendment: { execpolicy_amendment: ['git', 'push'] } },
    });
    expect(toCamel('CommandExecutionApprovalDecision', 'accept_for_session')).toBe('acceptForSession');
  });
});

describe('translation of what no schema knows', () => {
  it('renames a newer field by rule and leaves its value', () => {
    const value = { innerKey: 1 };
    expect(toSnake('TurnStartedNotification', { threadId: 't', brandNewField: value })).toEqual({
      thread_id: 't',
      brand_new_field: value,
    });
    expect(toCamel('TurnStartedNotification', { brand_new_field: value })).toEqual({ brandNewField: value });
  });

  it('passes a newer variant on under its snake_case name', () => {
    expect(toSnake('ThreadItem', { type: 'holoDeck', id: 'i', startedAtMs: 1, newKey: { a: 1 } })).toEqual({
      type: 'holo_deck',
      id: 'i',
      started_at_ms: 1,
      new_key: { a: 1 },
    });
  });

  it('does not let __proto__ reach a prototype', () => {
    for (const definition of ['TurnStartedNotification', 'ThreadItem', 'Config']) {
      const translated = toSnake(definition, JSON.parse('{"__proto__":{"polluted":true}}')) as Record<string, unknown>;
      expect(Object.getPrototypeOf(translated)).toBe(Object.prototype);
      expect(Object.keys(translated)).toEqual(['__proto__']);
      expect(translated.polluted).toBeUndefined();
    }
    const states = JSON.parse(
      '{"type":"collabAgentToolCall","agentsStates":{"__proto__":{"status":"running"}}}',
    ) as unknown;
    const { agents_states: translated } = toSnake('ThreadItem', states) as { agents_states: Record<string, unknown> };
    expect(Object.getPrototypeOf(translated)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('takes inherited names for fields of nobody', () => {
    expect(toSnake('TurnStartedNotification', { constructor: 1, toString: 2 })).toEqual({
      constructor: 1,
      to_string: 2,
    });
  });

  it('passes values of an unexpected type through', () => {
    for (const value of [null, undefined, 3, 'text', true]) {
      expect(toSnake('TurnStartedNotification', value)).toBe(value);
    }
  });

  it('does not change what it is given', () => {
    const given = Object.freeze({ threadId: 't', item: Object.freeze({ type: 'plan', id: 'i' }) });
    expect(toSnake('ItemStartedNotification', given)).toEqual({ thread_id: 't', item: { type: 'plan', id: 'i' } });
  });

  it('refuses a definition that the engine does not have', () => {
    expect(() => toSnake('Nothing', {})).toThrow(RangeError);
    expect(() => camelTranslator('constructor')).toThrow(RangeError);
    expect([hasDefinition('Nothing'), hasDefinition('Thread')]).toEqual([false, true]);
  });

  it('gives the same translator each time', () => {
    expect(snakeTranslator('Thread')).toBe(snakeTranslator('Thread'));
  });
});
