/** Stand for ids of the reader's own in the examples of the document. */
export const EXAMPLE_IDS = {
  THREAD_ID: '01a1fc72-9bf1-7fa2-8e64-d394a2848389',
  LOGIN_ID: '5d0c1a2e-8a65-4a3b-9d2f-6c1f0e7b9a11',
} as const;

const INPUT = [{ type: 'text', text: 'Which files are here?' }];
const UNCOMMITTED = { target: { type: 'uncommitted_changes' } };
const { THREAD_ID: threadId, LOGIN_ID } = EXAMPLE_IDS;

/**
 * Operation id → a JSON body that works as it stands against a server started with `--demo`, where ids are replaced by
 * the reader's own. The document, Swagger UI's "Try it out" and the curl lines of docs/reference have them from here.
 */
export const BODY_EXAMPLES: Readonly<Record<string, object>> = {
  createThread: { sandbox: 'workspace-write', metadata: { ticket: '42' } },
  updateThread: { name: 'Fix the build' },
  resumeThread: {},
  forkThread: {},
  rollbackThread: { num_turns: 1 },
  submitTurn: { input: INPUT },
  interruptActiveTurn: {},
  steerTurn: { input: [{ type: 'text', text: 'Only the tests, please.' }] },
  answerApproval: { decision: 'approve' },
  createStreamTicket: { thread_id: threadId },
  login: { type: 'api_key', api_key: '$OPENAI_API_KEY' },
  cancelLogin: { login_id: LOGIN_ID },
  writeConfig: { key: 'model_reasoning_effort', value: 'low' },
  patchConfig: { values: { model_reasoning_effort: 'medium', hide_agent_reasoning: true } },
  configureSkill: { enabled: false },
  updateSkill: { enabled: true },
  putMcpServer: { command: 'mcp-server-everything', args: ['stdio'] },
  callMcpTool: { thread_id: threadId, arguments: { message: 'hello' } },
  startReview: UNCOMMITTED,
  startReviewAlias: UNCOMMITTED,
  createReview: { target: { type: 'custom', instructions: 'Look for races.' } },
  runCommand: { command: ['git', 'status', '--short'], timeout_ms: 10_000 },
  runCommandAlias: { command: ['ls'] },
  submitFeedback: { classification: 'good_result', reason: 'It found the bug.', thread_id: threadId },
  postMessage: { type: 'user_message', message: 'Which files are here?' },
  bridgeStartThread: { approvalPolicy: 'never' },
  bridgeResumeThread: { threadId },
  bridgeReadThread: { threadId, includeTurns: true },
  bridgeForkThread: { threadId },
  bridgeStartTurn: { threadId, input: INPUT },
  bridgeListSkills: {},
  bridgeWriteSkillConfig: { name: 'imagegen', enabled: true },
  createResponse: { input: 'Which files are here?', stream: true },
  compactResponse: { model: 'scripted-model', input: 'We meet on Monday.' },
  createConversation: { metadata: { ticket: '42' } },
  updateConversation: { metadata: { ticket: '43' } },
  createConversationItems: { items: [{ role: 'user', content: 'Which files are here?' }] },
  createChatCompletion: { messages: [{ role: 'user', content: 'Which files are here?' }], stream: true },
  showOllamaModel: { model: 'gpt-5.5' },
};
