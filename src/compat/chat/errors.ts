import { type ServiceError } from '../../core/errors.js';
import { type ErrorShape, type RefusedRequest } from '../../http/dialects/error-shapes.js';
import { toOpenAiAnswer } from '../openai/errors.js';
import { OllamaErrorDto } from './ollama.views.js';

const SERVED = ['/api/version', '/api/tags', '/api/show'];
/** The rest of Ollama's API, whose clients read an error in no other shape. */
const NOT_SERVED = [
  ...['generate', 'chat', 'embed', 'embeddings', 'pull', 'push', 'create', 'copy', 'delete', 'ps', 'blobs'],
  ...['me', 'signout', 'web_search', 'web_fetch'],
].map((name) => `/api/${name}`);

/** One sentence, under the statuses of the OpenAI wire. */
export const OLLAMA_ERRORS: ErrorShape = {
  paths: [...SERVED, ...NOT_SERVED],
  model: OllamaErrorDto,
  toAnswer: (error, request) => ({ status: toOpenAiAnswer(error).status, body: { error: toSentence(error, request) } }),
};

function toSentence({ code, message }: ServiceError, { path }: RefusedRequest): string {
  return code === 'not_found' && !SERVED.includes(path)
    ? `Of Ollama's API, only ${SERVED.join(', ')} are served here; answers are at /v1/chat/completions.`
    : message;
}
