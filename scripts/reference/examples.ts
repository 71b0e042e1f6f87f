/**
 * What the curl lines of the reference send beside the JSON body, which is the document's own example. A test runs each of
 * them against a server with the scripted model.
 */
export interface Example {
  query?: string;
  /** Arguments of curl instead of a JSON body. */
  form?: string;
  /** Values of path parameters; `$THREAD_ID` and the like are set by the reader. */
  params?: Record<string, string>;
}

export const EXAMPLES: Readonly<Record<string, Example>> = {
  listThreads: { query: '?limit=5&metadata[ticket]=42' },
  streamThreadEvents: { query: '?after=0' },
  streamEvents: { query: '?types=turn/started,turn/completed' },
  getConfig: { query: '?include_layers=true' },
  listModels: { query: '?capability=image&limit=5' },
  configureSkill: { params: { name: 'imagegen' } },
  updateSkill: { params: { name: 'imagegen' } },
  getMcpServer: { params: { name: 'everything' } },
  putMcpServer: {
    params: { name: 'everything' },
  },
  deleteMcpServer: { params: { name: 'everything' } },
  loginToMcpServer: { params: { name: 'everything' } },
  callMcpTool: {
    params: { name: 'everything', tool: 'echo' },
  },
  getChatModel: { params: { model: 'gpt-5.5' } },
  createAttachment: { form: "-F 'file=@README.md'" },
  createAttachmentV1: { form: "-F 'file=@README.md'" },
};
