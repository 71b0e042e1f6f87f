import { concatMap, endWith, from, type Observable, reduce } from 'rxjs';
import { type ServiceError } from '../../core/errors.js';
import { type CallerCall } from '../../core/turns/call-collector.js';
import { type EventFrame } from '../../http/sse/event-frames.js';
import { type View } from '../../http/view.js';
import { toOpenAiError } from '../openai/errors.js';
import { type AnswerEnd, type AnswerPart } from './answer-parts.js';
import { shorter } from './answer-stream.js';
import { type ChatDeltaDto, type ChatCompletionChunkDto } from './chunks.views.js';
import { type ChatCompletionDto, toUsageView } from './completions.views.js';
import { SentText } from './sent-text.js';

/** What every chunk of an answer says of it. */
export interface AnswerHead {
  id: string;
  /** Unix seconds. */
  created: number;
  model: string;
}

type Chunk = View<ChatCompletionChunkDto>;
type Delta = View<ChatDeltaDto>;

/** The answer as a stream of the Chat Completions API. */
export function toFrames(
  parts: Observable<AnswerPart>,
  head: AnswerHead,
  { hasUsage }: { hasUsage: boolean },
): Observable<EventFrame> {
  const writer = new ChunkWriter(head, hasUsage);
  return parts.pipe(
    concatMap((part) => from(writer.take(part))),
    concatMap((data) => [{ data }]),
    endWith({ data: '[DONE]' }),
  );
}

/** A stream that fails ends with the error instead of `[DONE]`, which is how OpenAI's own clients learn of it. */
export function toLastFrames(error: ServiceError): EventFrame[] {
  return [{ data: toOpenAiError(error) }];
}

class ChunkWriter {
  readonly #text = new SentText();
  #isBegun = false;

  constructor(
    private readonly head: AnswerHead,
    private readonly hasUsage: boolean,
  ) {}

  take(part: AnswerPart): Chunk[] {
    switch (part.type) {
      case 'text': {
        const content = this.#text.take(part.text);
        return content === '' ? [] : [this.#delta({ content })];
      }
      case 'reasoning':
        return [this.#delta({ reasoning_content: part.text })];
      case 'retract':
        this.#text.retract(part.textChars);
        return [];
      case 'calls':
        this.#text.finish();
        return part.calls.map((call, index) => this.#delta({ tool_calls: [{ index, ...toCall(call) }] }));
      case 'end':
        return this.#end(part);
    }
  }

  #end({ reason, usage }: AnswerEnd): Chunk[] {
    this.#text.finish();
    const last = this.#chunk([{ index: 0, delta: this.#role(), logprobs: null, finish_reason: reason }]);
    return this.hasUsage ? [last, { ...this.#chunk([]), usage: usage ? toUsageView(usage) : null }] : [last];
  }

  #delta(delta: Delta): Chunk {
    return this.#chunk([{ index: 0, delta: { ...this.#role(), ...delta }, logprobs: null, finish_reason: null }]);
  }

  #role(): Delta {
    if (this.#isBegun) {
      return {};
    }
    this.#isBegun = true;
    return { role: 'assistant' };
  }

  #chunk(choices: Chunk['choices']): Chunk {
    return {
      ...this.head,
      object: 'chat.completion.chunk',
      choices,
      system_fingerprint: null,
      ...(this.hasUsage ? { usage: null } : {}),
    };
  }
}

interface Gathered {
  text: string;
  reasoning: string;
  calls: readonly CallerCall[];
  end: AnswerEnd | undefined;
}

/** The same answer as a whole. */
export function toCompletion(parts: Observable<AnswerPart>, head: AnswerHead): Observable<View<ChatCompletionDto>> {
  const none: Gathered = { text: '', reasoning: '', calls: [], end: undefined };
  return parts.pipe(
    reduce(gather, none),
    concatMap((gathered) => [toCompletionView(gathered, head)]),
  );
}

function gather(gathered: Gathered, part: AnswerPart): Gathered {
  switch (part.type) {
    case 'text':
      return { ...gathered, text: gathered.text + part.text };
    case 'reasoning':
      return { ...gathered, reasoning: gathered.reasoning + part.text };
    case 'retract': {
      const { text, reasoning } = gathered;
      const { textChars, reasoningChars } = part;
      return { ...gathered, text: shorter(text, textChars), reasoning: shorter(reasoning, reasoningChars) };
    }
    case 'calls':
      return { ...gathered, calls: part.calls };
    case 'end':
      return { ...gathered, end: part };
  }
}

function toCompletionView({ text, reasoning, calls, end }: Gathered, head: AnswerHead): View<ChatCompletionDto> {
  const message = {
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    refusal: null,
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls.map(toCall) }),
  } as const;
  return {
    id: head.id,
    object: 'chat.completion',
    created: head.created,
    model: head.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: end?.reason ?? 'stop' }],
    system_fingerprint: null,
    ...(end?.usage ? { usage: toUsageView(end.usage) } : {}),
  };
}

function toCall({ callId, name, arguments: args }: CallerCall): {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
} {
  return { id: callId, type: 'function', function: { name, arguments: args } };
}
