import { type Observable } from 'rxjs';
import { type Payload } from '../../../core/engine/engine.js';
import { type EventLog } from '../../../core/events/event-log.js';
import { type Pace } from '../../../core/events/pace.js';
import { OpenAiFault } from '../../openai/errors.js';
import { toItemPage } from '../from-core/item-page.js';
import { type StreamEvent } from '../from-core/stream-event.js';
import { type ItemsQuery } from '../schema/queries.js';
import { isOver, type ResponseRecord } from '../store/response-record.js';
import { type ResponseStore } from '../store/response-store.js';
import { invalid } from '../to-core/check-create.js';
import { type LiveRuns } from './live-runs.js';
import { paced } from './paced.js';
import { replay } from './replay.js';
import { type MakeRequest, type ResponseMaker } from './response-maker.js';
import { ResponseRun } from './response-run.js';

export interface ResponseServicePorts {
  store: ResponseStore;
  runs: LiveRuns;
  maker: ResponseMaker;
  log: EventLog;
}

/** A response that is being made, or was. */
export type Made = ResponseRun | { record: ResponseRecord; resource: Payload };

/** What can be done with responses. */
export class ResponseService {
  constructor(private readonly ports: ResponseServicePorts) {}

  make(request: MakeRequest): Promise<ResponseRun> {
    return this.ports.maker.make(request);
  }

  /** The one of this id, made before; with what `eventsOf` and `whenOver` need. */
  find(responseId: string, callerId: string): Made | undefined {
    const run = this.ports.runs.find(responseId, callerId);
    const record = run ? undefined : this.ports.store.find(responseId, callerId);
    return run ?? (record && { record, resource: record.resource ?? record.head });
  }

  eventsOf(made: Made, after: number, pace: Pace): Observable<StreamEvent> {
    return made instanceof ResponseRun
      ? made.events(after, pace)
      : paced(replay(made.record, this.ports.log), after, pace);
  }

  /** The resource as a caller is told of it who does not wait. */
  begunOf(made: Made): Payload {
    return made instanceof ResponseRun ? made.begun : made.resource;
  }

  /** The resource as it is when the response is over. */
  async whenOver(made: Made): Promise<Payload> {
    return made instanceof ResponseRun ? ((await made.over).resource ?? made.resource) : made.resource;
  }

  /** As it is now, under way or over. Throws 404 for one that is not stored, or is another caller's. */
  retrieve(responseId: string, callerId: string): { record: ResponseRecord; resource: Payload } {
    const run = this.ports.runs.find(responseId, callerId);
    if (run && run.record.head.store !== false) {
      return { record: run.record, resource: run.resource };
    }
    const record = this.ports.store.find(responseId, callerId);
    if (!record) {
      throw new OpenAiFault('not_found', `Response with id '${responseId}' not found.`, {
        openAiCode: 'response_not_found',
        param: 'response_id',
      });
    }
    return { record, resource: record.resource ?? record.head };
  }

  /** Its events with a number above `after`, from the beginning or as they come. Throws as `retrieve`. */
  events(responseId: string, callerId: string, after: number, pace: Pace): Observable<StreamEvent> {
    const { record, resource } = this.retrieve(responseId, callerId);
    return this.eventsOf(this.ports.runs.find(responseId, callerId) ?? { record, resource }, after, pace);
  }

  /** Its thread stays: what happened has happened. */
  async delete(responseId: string, callerId: string): Promise<void> {
    const { record } = this.retrieve(responseId, callerId);
    if (!isOver(record)) {
      throw invalid('A response that is being made can not be deleted.', 'response_in_progress', 'response_id');
    }
    await this.ports.store.delete(record);
  }

  async cancel(responseId: string, callerId: string): Promise<Payload> {
    const { record, resource } = this.retrieve(responseId, callerId);
    if (record.head.background !== true) {
      throw invalid('Only background responses can be cancelled.', 'response_not_cancellable', 'response_id');
    }
    if (record.status === 'cancelled') {
      return resource;
    }
    const run = this.ports.runs.find(responseId, callerId);
    if (!run || isOver(record)) {
      throw invalid(`Cannot cancel a ${record.status} response.`, 'response_not_cancellable', 'response_id');
    }
    await this.ports.store.put(run.requestCancel(), '');
    await this.ports.runs.interrupt(record);
    return (await run.over).resource ?? resource;
  }

  inputItems(responseId: string, callerId: string, query: ItemsQuery): Payload {
    return toItemPage(this.retrieve(responseId, callerId).record.input, query);
  }
}
