import { type LanguageModelV4, type SharedV4Warning } from '@ai-sdk/provider';
import { type ModelProvider } from '../core/engine/model-provider.js';
import { GatewayError } from './gateway-error.js';
import { type Fields, toText } from './request/fields.js';
import { toCallOptions, type TranslatedRequest } from './request/to-call-options.js';
import { ToolRegistry } from './request/tool-registry.js';
import { type Warn } from './request/warn.js';
import { type EventWriter } from './response/event-writer.js';
import { ResponseWriter } from './response/response-writer.js';
import { toGatewayError } from './upstream/to-gateway-error.js';
import { StallGuard, watchStream } from './upstream/watch-stream.js';

export interface RelayCall {
  provider: ModelProvider;
  body: Fields;
  model: LanguageModelV4;
  /** Of each request to the provider: its key, and what the configuration adds. */
  headers: Readonly<Record<string, string>>;
  events: EventWriter;
  /** Aborts when the engine has closed the request. */
  signal: AbortSignal;
}

/**
 * Answers one request of the engine with what a provider streams. A fault of any kind becomes a failed response, since
 * the engine tells the words of that only. Rejects only when the engine is gone.
 */
export async function relay(call: RelayCall, warn: Warn): Promise<void> {
  const { provider, events, signal } = call;
  const guard = new StallGuard(provider.idleTimeoutMs);
  let writer = toWriter(call, { book: new ToolRegistry(), callIds: new Set() });
  try {
    const request = toCallOptions(call.body, provider.wire, warn);
    writer = toWriter(call, request);
    await pump({ call, warn, guard, writer, request });
    if (!writer.isFinished) {
      throw new GatewayError('server_error', 'The provider ended the stream before the answer was complete.');
    }
  } catch (error) {
    signal.throwIfAborted();
    const cause: unknown = guard.signal.aborted ? guard.signal.reason : error;
    void events.write(writer.fail(toGatewayError(cause, provider)));
  } finally {
    guard.stop();
  }
  events.end();
}

interface Pump {
  call: RelayCall;
  warn: Warn;
  guard: StallGuard;
  writer: ResponseWriter;
  request: TranslatedRequest;
}

async function pump({ call, warn, guard, writer, request }: Pump): Promise<void> {
  const { provider, model, headers, events, signal } = call;
  const abortSignal = AbortSignal.any([signal, guard.signal]);
  const { stream } = await model.doStream({ ...request.options, headers: { ...headers }, abortSignal });
  events.toRest = () => writer.takeRest();
  await events.write(writer.begin());
  await watchStream(stream, guard, (part) => {
    if (part.type === 'stream-start') {
      part.warnings.forEach((warning) => {
        warn(toWarningText(warning));
      });
    } else if (part.type === 'error') {
      throw toGatewayError(part.error, provider);
    }
    return events.write(writer.take(part));
  });
}

function toWriter(
  { provider, body }: RelayCall,
  { book, callIds }: Omit<TranslatedRequest, 'options'>,
): ResponseWriter {
  const nowSeconds = Math.floor(Date.now() / 1000);
  return new ResponseWriter({ model: toText(body.model), wire: provider.wire, book, callIds, nowSeconds });
}

function toWarningText(warning: SharedV4Warning): string {
  switch (warning.type) {
    case 'unsupported':
    case 'compatibility':
      return `"${warning.feature}" does not fit this provider. ${warning.details ?? ''}`.trimEnd();
    case 'deprecated':
      return `"${warning.setting}": ${warning.message}`;
    case 'other':
      return warning.message;
  }
}
