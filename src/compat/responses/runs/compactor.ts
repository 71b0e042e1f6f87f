import { randomUUID } from 'node:crypto';
import { ServiceError } from '../../../core/errors.js';
import { type Payload } from '../../../core/engine/engine.js';
import { type Ceiling } from '../../../core/permissions/ceiling.js';
import { type CompactResponse } from '../schema/create-response.js';
import { isObject, toText } from '../from-core/output-items.js';
import { type ResponseRecord } from '../store/response-record.js';
import { outputOf, type Asker, type ResponseStore } from '../store/response-store.js';
import { newId } from '../to-core/response-head.js';
import { type LiveRuns } from './live-runs.js';
import { type ResponseMaker } from './response-maker.js';
import { type SealedTexts } from './sealed-text.js';

const PROMPT = [
  'Sum up the conversation so far, so that another model can go on with it without having seen it.',
  'Keep every fact, decision, name, number and open task. Answer with the summary alone.',
].join(' ');

export interface CompactorPorts {
  maker: ResponseMaker;
  runs: LiveRuns;
  store: ResponseStore;
  sealed: SealedTexts;
}

/** Sums conversations up, with a call of the bare model that leaves nothing behind. */
export class Compactor {
  constructor(private readonly ports: CompactorPorts) {}

  async compact({ input, ...body }: CompactResponse, asker: Asker, ceiling: Ceiling): Promise<Payload> {
    const items =
      typeof input === 'string' ? [{ type: 'message' as const, role: 'user' as const, content: input }] : input;
    const prompt = { type: 'message' as const, role: 'user' as const, content: PROMPT };
    if (!body.previous_response_id && (items?.length ?? 0) === 0) {
      throw new ServiceError('invalid_request', "Missing required parameter: 'input'.", {
        fields: [{ path: 'input', message: 'is missing' }],
      });
    }
    const parentScope = { ...asker, scope: `compact ${randomUUID()}` };
    const run = await this.ports.maker.make({
      body: { ...body, input: [...(items ?? []), prompt], store: false },
      mode: 'model',
      hasCodexItems: false,
      asker: parentScope,
      ceiling,
    });
    const record = await run.over;
    this.ports.store.evictScope(parentScope.scope);
    void this.ports.runs.discardThreads([record]);
    return this.#toResource(record);
  }

  async #toResource(record: ResponseRecord): Promise<Payload> {
    const { resource } = record;
    if (record.status !== 'completed' || !resource) {
      const error = resource?.error;
      throw new ServiceError('engine_error', toText(isObject(error) ? error.message : '') || 'The model said nothing.');
    }
    return {
      id: newId('resp'),
      object: 'response.compaction',
      created_at: resource.created_at,
      output: [
        { type: 'compaction', id: newId('cmp'), encrypted_content: await this.ports.sealed.seal(toSaid(record)) },
      ],
      usage: resource.usage,
    };
  }
}

function toSaid(record: ResponseRecord): string {
  return outputOf(record)
    .flatMap(({ content }) => (Array.isArray(content) ? (content as { text?: unknown }[]) : []))
    .map(({ text }) => toText(text))
    .join('\n');
}
