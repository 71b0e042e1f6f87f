import { toEngineResponse } from '../../../src/codex/answers.js';
import { type ApprovalAnswer } from '../../../src/core/approvals/approval-answer.js';
import { type ApprovalKind, type Decision } from '../../../src/core/approvals/approval.js';
import { type EngineQuestion } from '../../../src/core/engine/engine.js';
import { toQuestion } from '../core/approvals/approval-builders.js';

function faultOf(question: EngineQuestion, answer: ApprovalAnswer): object | undefined {
  try {
    toEngineResponse(question, answer);
    return undefined;
  } catch (error) {
    const { code, fields } = error as { code: string; fields: unknown };
    return { code, fields };
  }
}

const approve = { decision: 'approve' } as const;

describe('toEngineResponse', () => {
  it.each<[ApprovalKind, Decision, string]>([
    ['command_execution', 'approve', 'accept'],
    ['command_execution', 'approve_for_session', 'acceptForSession'],
    ['command_execution', 'decline', 'decline'],
    ['command_execution', 'cancel', 'cancel'],
    ['file_change', 'approve', 'accept'],
    ['file_change', 'approve_for_session', 'acceptForSession'],
    ['file_change', 'decline', 'decline'],
    ['file_change', 'cancel', 'cancel'],
  ])("says %s's %s in the engine's word", (kind, decision, word) => {
    expect(toEngineResponse(toQuestion(kind), { decision })).toEqual({ decision: word });
  });

  describe('execpolicy amendments', () => {
    const question = toQuestion('command_execution', { proposed_execpolicy_amendment: ['git', 'push'] });

    it.each([[['git', 'push']], [['git', 'push', 'origin']]])('takes %j', (execpolicy) => {
      expect(toEngineResponse(question, { ...approve, amendments: { execpolicy } })).toEqual({
        decision: { acceptWithExecpolicyAmendment: { execpolicy_amendment: execpolicy } },
      });
    });

    it.each([[['git']], [['git', 'pull']], [['push']], [['git', 'pull', 'x']], [['git', 'pushy']], [[]]])(
      'refuses %j',
      (execpolicy) => {
        expect(faultOf(question, { ...approve, amendments: { execpolicy } })).toEqual({
          code: 'invalid_request',
          fields: [{ path: 'amendments.execpolicy', message: 'must be the proposed prefix, or begin with all of it' }],
        });
      },
    );

    it.each([[null], [undefined], [[]]])('refuses any where %j is proposed', (proposed) => {
      const other = toQuestion('command_execution', { proposed_execpolicy_amendment: proposed });
      expect(faultOf(other, { ...approve, amendments: { execpolicy: ['git'] } })).toEqual({
        code: 'invalid_request',
        fields: [{ path: 'amendments.execpolicy', message: 'none is proposed' }],
      });
    });
  });

  describe('network amendments', () => {
    const context = { host: 'example.test', protocol: 'https' };
    const question = toQuestion('command_execution', { network_approval_context: context });

    it.each(['allow', 'deny'] as const)('takes %s for the host in question', (action) => {
      const network = { host: 'example.test', action };
      expect(toEngineResponse(question, { ...approve, amendments: { network } })).toEqual({
        decision: { applyNetworkPolicyAmendment: { network_policy_amendment: network } },
      });
    });

    it('refuses another host, and any where the question is about none', () => {
      const amendments = { network: { host: 'other.test', action: 'allow' } } as const;
      const path = 'amendments.network';
      expect(faultOf(question, { ...approve, amendments })).toEqual({
        code: 'invalid_request',
        fields: [{ path, message: 'host must be example.test' }],
      });
      const plain = toQuestion('command_execution', { network_approval_context: null });
      expect(faultOf(plain, { ...approve, amendments })).toEqual({
        code: 'invalid_request',
        fields: [{ path, message: 'is not for this approval' }],
      });
    });

    it.each([[{}], [{ execpolicy: ['git'], network: { host: 'example.test', action: 'allow' } as const }]])(
      'takes one amendment at a time: %j',
      (amendments) => {
        expect(faultOf(question, { ...approve, amendments })).toMatchObject({ fields: [{ path: 'amendments' }] });
      },
    );
  });

  describe('permissions', () => {
    const asked = {
      network: { enabled: true },
      file_system: {
        read: null,
        write: ['/a', '/b'],
        entries: [{ path: { type: 'path', path: '/a' }, access: 'write' }],
      },
    };
    const question = toQuestion('permissions', { permissions: asked });
    const { network, file_system: fileSystem } = asked;

    it.each([
      [{ ...approve }, { permissions: { network, fileSystem }, scope: 'turn' }],
      [{ decision: 'approve_for_session' }, { permissions: { network, fileSystem }, scope: 'session' }],
      [{ decision: 'decline' }, { permissions: {}, scope: 'turn' }],
      [
        { ...approve, permissions: { network: null, file_system: { write: ['/a'] } } },
        { permissions: { fileSystem: { write: ['/a'] } }, scope: 'turn' },
      ],
      [
        { ...approve, permissions: { file_system: { glob_scan_max_depth: 3 } } },
        { permissions: { fileSystem: { globScanMaxDepth: 3 } }, scope: 'turn' },
      ],
    ] as [ApprovalAnswer, object][])('%j', (answer, response) => {
      expect(toEngineResponse(question, answer)).toEqual(response);
    });
  });

  describe('answers of the user', () => {
    const question = toQuestion('user_input', { questions: [{ id: 'size' }, { id: 'roomName' }] });

    it('are given by question, and none with a decline or a cancel', () => {
      const answers = { size: ['large'], roomName: [] };
      expect(toEngineResponse(question, { ...approve, answers })).toEqual({
        answers: { size: { answers: ['large'] }, roomName: { answers: [] } },
      });
      expect(toEngineResponse(question, { decision: 'cancel' })).toEqual({ answers: {} });
      expect(toEngineResponse(question, { decision: 'decline' })).toEqual({ answers: {} });
    });

    it('are complete, and answer nothing else', () => {
      expect(faultOf(question, { ...approve, answers: { size: ['large'], toString: ['x'] } })).toEqual({
        code: 'invalid_request',
        fields: [
          { path: 'answers.roomName', message: 'is missing' },
          { path: 'answers.toString', message: 'was not asked' },
        ],
      });
    });
  });

  describe('forms of MCP servers', () => {
    const requestedSchema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: { guestName: { type: 'string', minLength: 2 }, mail: { type: 'string', format: 'email' } },
      required: ['guestName'],
    };
    const question = toQuestion('mcp_elicitation', { requested_schema: requestedSchema });

    it('take content that fits', () => {
      const content = { guestName: 'Ann' };
      expect(toEngineResponse(question, { ...approve, content })).toEqual({ action: 'accept', content, _meta: null });
    });

    it.each([
      [undefined, [{ path: 'content.guestName', message: "must have required property 'guestName'" }]],
      [{ guestName: 'A' }, [{ path: 'content.guestName', message: 'must NOT have fewer than 2 characters' }]],
      [{ guestName: 'Ann', mail: 1 }, [{ path: 'content.mail', message: 'must be string' }]],
    ])('refuse %j, whatever dialect they name', (content, fields) => {
      expect(faultOf(question, { ...approve, content })).toEqual({ code: 'unprocessable', fields });
    });

    it('leave a schema that is none to the server, and a URL without a form as it is', () => {
      const odd = toQuestion('mcp_elicitation', { requested_schema: { type: 'no type' } });
      const response = { action: 'accept', content: { any: 1 }, _meta: null };
      expect(toEngineResponse(odd, { ...approve, content: { any: 1 } })).toEqual(response);
      const url = toQuestion('mcp_elicitation', { mode: 'url', url: 'https://example.test' });
      expect(toEngineResponse(url, approve)).toEqual({ action: 'accept', content: null, _meta: null });
    });

    it.each(['decline', 'cancel'] as const)('%s has no content', (decision) => {
      expect(toEngineResponse(question, { decision })).toEqual({ action: decision, content: null, _meta: null });
    });
  });

  describe('results of tools', () => {
    const question = toQuestion('tool_call');

    it('go in the words of the engine', () => {
      const content = [
        { type: 'text', text: 'x' },
        { type: 'image', image_url: 'data:,i' },
        { type: 'audio', audio_url: 'data:,a' },
      ] as const;
      expect(toEngineResponse(question, { ...approve, result: { content } })).toEqual({
        contentItems: [
          { type: 'inputText', text: 'x' },
          { type: 'inputImage', imageUrl: 'data:,i' },
          { type: 'inputAudio', audioUrl: 'data:,a' },
        ],
        success: true,
      });
      expect(toEngineResponse(question, { ...approve, result: { content: [], success: false } })).toEqual({
        contentItems: [],
        success: false,
      });
    });

    it('are required, unless the call is declined', () => {
      expect(faultOf(question, approve)).toEqual({
        code: 'invalid_request',
        fields: [{ path: 'result', message: 'is missing' }],
      });
      expect(toEngineResponse(question, { decision: 'decline' })).toMatchObject({ success: false });
    });
  });
});
