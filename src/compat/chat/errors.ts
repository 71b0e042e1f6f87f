import { type ErrorShape } from '../../http/dialects/error-shapes.js';
import { toOpenAiAnswer } from '../openai/errors.js';
import { OllamaErrorDto } from './ollama.views.js';

/** One sentence, under the statuses of the OpenAI wire. */
export const OLLAMA_ERRORS: ErrorShape = {
  paths: ['/api/version', '/api/tags', '/api/show'],
  model: OllamaErrorDto,
  toAnswer: (error) => ({ status: toOpenAiAnswer(error).status, body: { error: error.message } }),
};
