/** What the reference sends in its curl lines. A test runs each of them against a server with the scripted model. */
export interface Example {
  body?: string;
  query?: string;
  /** Other arguments of curl instead of a JSON body. */
  form?: string;
  /** Values of path parameters; `$THREAD_ID` and the like are set by the reader. */
  params?: Record<string, string>;
}

export const EXAMPLES: Readonly<Record<string, Example>> = {
  createThread: { body: '{"sandbox":"workspace-write","metadata":{"ticket":"42"}}' },
  listThreads: { query: '?limit=5&metadata[ticket]=42' },
  updateThread: { body: '{"name":"Fix the build"}' },
  resumeThread: { body: '{}' },
  forkThread: { body: '{}' },
  rollbackThread: { body: '{"num_turns":1}' },
  submitTurn: { body: '{"input":[{"type":"text","text":"Which files are here?"}]}' },
  steerTurn: { body: '{"input":[{"type":"text","text":"Only the tests, please."}]}' },
  answerApproval: { body: '{"decision":"approve"}' },
  streamThreadEvents: { query: '?after=0' },
  streamEvents: { query: '?types=turn/started,turn/completed' },
  createStreamTicket: { body: '{"thread_id":"$THREAD_ID"}' },
  login: { body: '{"type":"api_key","api_key":"$OPENAI_API_KEY"}' },
  cancelLogin: { body: '{"login_id":"$LOGIN_ID"}' },
  getConfig: { query: '?include_layers=true' },
  writeConfig: { body: '{"key":"model_reasoning_effort","value":"low"}' },
  patchConfig: { body: '{"values":{"model_reasoning_effort":"medium","hide_agent_reasoning":true}}' },
  listModels: { query: '?capability=image&limit=5' },
  configureSkill: { params: { name: 'imagegen' }, body: '{"enabled":false}' },
  updateSkill: { params: { name: 'imagegen' }, body: '{"enabled":true}' },
  getMcpServer: { params: { name: 'everything' } },
  putMcpServer: {
    params: { name: 'everything' },
    body: '{"command":"mcp-server-everything","args":["stdio"]}',
  },
  deleteMcpServer: { params: { name: 'everything' } },
  loginToMcpServer: { params: { name: 'everything' } },
  callMcpTool: {
    params: { name: 'everything', tool: 'echo' },
    body: '{"thread_id":"$THREAD_ID","arguments":{"message":"hello"}}',
  },
  startReview: { body: '{"target":{"type":"uncommitted_changes"}}' },
  startReviewAlias: { body: '{"target":{"type":"uncommitted_changes"}}' },
  createReview: { body: '{"target":{"type":"custom","instructions":"Look for races."}}' },
  runCommand: { body: '{"command":["git","status","--short"],"timeout_ms":10000}' },
  runCommandAlias: { body: '{"command":["ls"]}' },
  submitFeedback: { body: '{"classification":"good_result","reason":"It found the bug.","thread_id":"$THREAD_ID"}' },
  postMessage: { body: '{"type":"user_message","message":"Which files are here?"}' },
  bridgeStartThread: { body: '{"approvalPolicy":"never"}' },
  bridgeResumeThread: { body: '{"threadId":"$THREAD_ID"}' },
  bridgeReadThread: { body: '{"threadId":"$THREAD_ID","includeTurns":true}' },
  bridgeForkThread: { body: '{"threadId":"$THREAD_ID"}' },
  bridgeStartTurn: { body: '{"threadId":"$THREAD_ID","input":[{"type":"text","text":"Which files are here?"}]}' },
  bridgeListSkills: { body: '{}' },
  bridgeWriteSkillConfig: { body: '{"name":"imagegen","enabled":true}' },
  createResponse: { body: '{"input":"Which files are here?","stream":true}' },
  compactResponse: { body: '{"model":"scripted-model","input":"We meet on Monday."}' },
  createConversation: { body: '{"metadata":{"ticket":"42"}}' },
  updateConversation: { body: '{"metadata":{"ticket":"43"}}' },
  createConversationItems: { body: '{"items":[{"role":"user","content":"Which files are here?"}]}' },
  createChatCompletion: { body: '{"messages":[{"role":"user","content":"Which files are here?"}],"stream":true}' },
  getChatModel: { params: { model: 'gpt-5.5' } },
  showOllamaModel: { body: '{"model":"gpt-5.5"}' },
  createAttachment: { form: "-F 'file=@README.md'" },
  createAttachmentV1: { form: "-F 'file=@README.md'" },
};
