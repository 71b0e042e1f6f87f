import { type OfferedTool } from '../../../../src/demo/scripted-model/model-request.js';
import { type CallStep } from '../../../../src/demo/scripted-model/step.js';
import { toToolCallItem } from '../../../../src/demo/scripted-model/tool-call.js';

const plain: OfferedTool[] = [
  { type: 'function', name: 'exec_command' },
  { type: 'function', name: 'request_user_input' },
  { type: 'function', name: 'echo', namespace: 'mcp__demo' },
  { type: 'function', name: 'lookup' },
];
const catalogued: OfferedTool[] = [...plain, { type: 'custom', name: 'apply_patch' }];
const code: OfferedTool[] = [
  { type: 'custom', name: 'exec', namespace: 'functions' },
  { type: 'function', name: 'request_user_input', namespace: 'functions' },
];

const run: CallStep = { kind: 'run', command: 'ls' };
const escalated: CallStep = { kind: 'run', command: 'ls', justification: 'must' };
const patch: CallStep = { kind: 'patch', patch: '*** Begin Patch\n*** End Patch' };
const mcp: CallStep = { kind: 'mcp', server: 'demo', tool: 'echo', input: '{"s":1}' };
const ask: CallStep = { kind: 'ask', input: '{}' };

function call(step: CallStep, tools: OfferedTool[]): unknown[] {
  const item = toToolCallItem(step, tools);
  return [item.type, item.namespace, item.name, item.type === 'function_call' ? item.arguments : item.input];
}

describe('a tool call fits what is offered', () => {
  it.each([
    ['a command', run, plain, ['function_call', undefined, 'exec_command', '{"cmd":"ls"}']],
    [
      'a command for an older shell tool',
      run,
      [{ type: 'function', name: 'shell' }],
      ['function_call', undefined, 'shell', '{"command":["bash","-lc","ls"]}'],
    ],
    [
      'an escalated command',
      escalated,
      plain,
      [
        'function_call',
        undefined,
        'exec_command',
        '{"cmd":"ls","sandbox_permissions":"require_escalated","justification":"must"}',
      ],
    ],
    [
      'a command through code',
      run,
      code,
      ['custom_tool_call', 'functions', 'exec', 'text(await tools["exec_command"]({"cmd":"ls"}));'],
    ],
    ['a patch', patch, catalogued, ['custom_tool_call', undefined, 'apply_patch', '*** Begin Patch\n*** End Patch']],
    [
      'a patch through the shell',
      patch,
      plain,
      [
        'function_call',
        undefined,
        'exec_command',
        String.raw`{"cmd":"apply_patch <<'END_OF_PATCH'\n*** Begin Patch\n*** End Patch\nEND_OF_PATCH"}`,
      ],
    ],
    [
      'a patch through code',
      patch,
      code,
      [
        'custom_tool_call',
        'functions',
        'exec',
        String.raw`text(await tools["apply_patch"]("*** Begin Patch\n*** End Patch"));`,
      ],
    ],
    ['an MCP call', mcp, plain, ['function_call', 'mcp__demo', 'echo', '{"s":1}']],
    [
      'an MCP call through code',
      mcp,
      code,
      ['custom_tool_call', 'functions', 'exec', 'text(await tools["mcp__demo__echo"]({"s":1}));'],
    ],
    ['a question beside code', ask, code, ['function_call', 'functions', 'request_user_input', '{}']],
    [
      'a tool that is not offered',
      { kind: 'call', tool: 'far.away', input: '' },
      plain,
      ['function_call', 'far', 'away', ''],
    ],
  ] satisfies [string, CallStep, OfferedTool[], unknown[]][])('%s', (_name, step, tools, expected) => {
    expect(call(step, tools)).toEqual(expected);
  });
});
