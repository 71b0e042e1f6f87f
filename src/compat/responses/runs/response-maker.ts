import { requireWithin } from '../../../core/permissions/authority.js';
import { type Ceiling } from '../../../core/permissions/ceiling.js';
import { type EventRecorder } from '../../../core/events/event-recorder.js';
import { type ThreadManager } from '../../../core/threads/thread-manager.js';
import { KeyedLock } from '../../../core/keyed-lock.js';
import { type CallerCall } from '../../../core/turns/call-collector.js';
import { type Workspace } from '../../../core/workspace/workspace.js';
import { OpenAiFault } from '../../openai/errors.js';
import { type ConversationRecord, type ConversationStore } from '../conversations/conversation-store.js';
import { type CreateResponse } from '../schema/create-response.js';
import { type FoldOptions, isOver, pendingCalls, type Item, type ResponseRecord } from '../store/response-record.js';
import { type Asker, type ResponseStore } from '../store/response-store.js';
import { toCallForms } from '../to-core/offered-tools.js';
import { toAgentChoices, toChooser } from '../to-core/agent-choices.js';
import { isCall } from '../to-core/call-items.js';
import { checkCalls } from '../to-core/check-calls.js';
import { checkCreate, invalid } from '../to-core/check-create.js';
import { toContextHashes } from '../to-core/context-hash.js';
import { toHistory } from '../to-core/history.js';
import { InlineMedia, type MediaPorts } from '../to-core/inline-media.js';
import { type GivenItem, toGivenItems, toOwnItems } from '../to-core/own-items.js';
import { newId, toHead } from '../to-core/response-head.js';
import { type Mode, toSpecText, toThreadSpec, toTurnOptions, toTurnSpecText } from '../to-core/thread-spec.js';
import { toChosenTools } from '../to-core/tool-choice.js';
import { type LiveRuns } from './live-runs.js';
import { type RunTarget, type Plan } from './continuation.js';
import { toContext } from './response-context.js';
import { type ResponseRun } from './response-run.js';
import { type SealedTexts } from './sealed-text.js';
import { type ThreadResolver } from './thread-resolver.js';

export interface MakeRequest {
  body: CreateResponse;
  mode: Mode;
  hasCodexItems: boolean;
  asker: Asker;
  /** Of the caller. */
  ceiling: Ceiling;
  /** Its id, where that is to be the same at a retry. */
  responseId?: string;
  /** Whether the model is not to be asked: the input only goes into the history. */
  isWarmUp?: boolean;
}

export interface ResponseMakerPorts extends MediaPorts {
  store: ResponseStore;
  conversations: ConversationStore;
  runs: LiveRuns;
  places: ThreadResolver;
  manager: ThreadManager;
  recorder: EventRecorder;
  workspace: Workspace;
  sealed: SealedTexts;
}

/** What the request continues. */
interface Start {
  parent: ResponseRecord | undefined;
  conversation: ConversationRecord | undefined;
}

/** What a response is made of. */
interface MadeOf extends Start {
  input: readonly Item[];
  plan: Plan;
  place: RunTarget | undefined;
}

const NOT_OVER = { isCancelRequested: false, end: null, heldCalls: [], resource: null, contextHash: null };

/** Begins responses. */
export class ResponseMaker {
  readonly #lock = new KeyedLock();

  constructor(private readonly ports: ResponseMakerPorts) {}

  /** The response as it begins; everything that can be wrong with the request is thrown before. */
  async make(request: MakeRequest): Promise<ResponseRun> {
    checkCreate(request.body);
    const start = this.#toStart(request);
    const key = start.conversation?.conversationId ?? start.parent?.threadId ?? undefined;
    return this.#lock.run(key, () => this.#make(request, this.#toStart(request)));
  }

  async #make(request: MakeRequest, { parent, conversation }: Start): Promise<ResponseRun> {
    const { body, asker } = request;
    const findItem = (id: string): Item | undefined => this.ports.store.findItem(id, asker.callerId);
    const added = toGivenItems((conversation?.items ?? []) as unknown as CreateResponse['input'], findItem);
    const given = [...added, ...toGivenItems(body.input, findItem)];
    checkCalls(given, parent ? pendingCalls(parent).map(({ callId }) => callId) : []);
    const input = toOwnItems(given);
    const plan = await this.#toPlan(request, given, parent);
    if (request.isWarmUp === true) {
      return this.#begin(request, { parent, conversation, input, plan, place: undefined });
    }
    const known = parent ? undefined : this.#recognise(input, asker);
    return this.#lock.run(known?.threadId ?? undefined, async () => {
      const warm = known && (await this.#findWarm({ ...plan, parent: known }, given, input, asker));
      const place = warm ?? (await this.#findPlace(plan, asker));
      return this.#begin(request, { parent, conversation, input, plan, place });
    });
  }

  #toStart({ body, asker }: MakeRequest): Start {
    const conversation = this.#findConversation(body, asker);
    const previousId = body.previous_response_id ?? conversation?.lastResponseId ?? undefined;
    const parent = previousId === undefined ? undefined : this.ports.store.findForContinuing(previousId, asker);
    if (body.previous_response_id && !parent) {
      const message = `Previous response with id '${body.previous_response_id}' not found.`;
      const openAiCode = 'previous_response_not_found';
      throw new OpenAiFault('not_found', message, { openAiCode, param: 'previous_response_id' });
    }
    if (parent && !isOver(parent)) {
      throw toStillMade(parent, conversation);
    }
    return { parent, conversation };
  }

  #findConversation({ conversation: given }: CreateResponse, { callerId }: Asker): ConversationRecord | undefined {
    const id = typeof given === 'string' ? given : given?.id;
    const conversation = id === undefined ? undefined : this.ports.conversations.find(id, callerId);
    if (id !== undefined && !conversation) {
      const message = `Conversation with id '${id}' not found.`;
      throw new OpenAiFault('not_found', message, { openAiCode: 'conversation_not_found', param: 'conversation' });
    }
    return conversation;
  }

  async #toPlan(
    { body, mode, asker, ceiling }: MakeRequest,
    given: readonly GivenItem[],
    parent?: ResponseRecord,
  ): Promise<Plan> {
    const authority = toChooser(body.metadata, ceiling);
    const choices = await toAgentChoices(body.metadata, this.ports.workspace);
    requireWithin(authority, {});
    const spec = toThreadSpec(body, mode, choices);
    const turnOptions = toTurnOptions(body);
    const history = await toHistory(given, this.#media(asker), this.#unseal);
    const specText = toSpecText(spec);
    const { directions } = toChosenTools(body);
    const turnSpecText = toTurnSpecText(turnOptions, directions);
    return { authority, spec, specText, turnOptions, turnSpecText, history, directions, parent };
  }

  /** The response that ended with what the caller sends again from the beginning, if something comes after it. */
  #recognise(input: readonly Item[], asker: Asker): ResponseRecord | undefined {
    const at = lastOutputIndex(input);
    const hash = at < 0 ? undefined : toContextHashes(input.slice(0, at + 1)).at(-1);
    const known = hash === undefined ? undefined : this.ports.store.findByContext(hash, asker);
    return known && isOver(known) ? known : undefined;
  }

  /** Its thread, if nothing else happened in it since. */
  async #findWarm(
    plan: Plan,
    given: readonly GivenItem[],
    input: readonly Item[],
    asker: Asker,
  ): Promise<RunTarget | undefined> {
    const since = given.slice(lastOutputIndex(input) + 1);
    const history = await toHistory(since, this.#media(asker), this.#unseal);
    const none = (): Promise<[]> => Promise.resolve([]);
    return this.ports.places.find({ ...plan, history }, none, true);
  }

  async #findPlace(plan: Plan, asker: Asker): Promise<RunTarget> {
    const { parent } = plan;
    const context = async (): Promise<Awaited<ReturnType<typeof toContext>>> =>
      parent ? toContext(parent, this.ports.store, this.#media(asker), this.#unseal) : [];
    const place = await this.ports.places.find(plan, context);
    if (!place) {
      throw new Error('A place is always found unless only a warm one would do.');
    }
    return place;
  }

  async #begin(request: MakeRequest, made: MadeOf): Promise<ResponseRun> {
    const { place, conversation } = made;
    const { scope } = request.asker;
    const record = this.#toRecord(request, made);
    await this.ports.store.put(record, scope);
    const run = this.ports.runs.add(record, scope);
    try {
      if (conversation) {
        const { responseId: lastResponseId } = record;
        const { iso: usedAt } = this.ports.recorder.now();
        const taken = new Set(conversation.items.map(({ id }) => id));
        await this.ports.conversations.change(conversation.conversationId, (now) => ({
          ...{ ...now, lastResponseId, usedAt },
          items: now.items.filter(({ id }) => !taken.has(id)),
        }));
      }
      await place?.begin();
    } catch (error) {
      this.ports.runs.drop(run);
      await this.#undo(record, conversation);
      throw error;
    }
    follow(run, place?.heldCalls, record.afterSeq, place === undefined);
    return run;
  }

  /** A response that was never begun is not to be found. */
  async #undo(record: ResponseRecord, conversation: ConversationRecord | undefined): Promise<void> {
    this.ports.store.evict(record.responseId);
    await this.ports.store.delete(record);
    if (conversation) {
      const { items, lastResponseId } = conversation;
      await this.ports.conversations.change(conversation.conversationId, (now) => ({
        ...{ ...now, lastResponseId },
        items: now.lastResponseId === lastResponseId ? now.items : [...items, ...now.items],
      }));
    }
  }

  #toRecord(request: MakeRequest, { parent, conversation, input, plan, place }: MadeOf): ResponseRecord {
    const { body, asker, responseId = newId('resp') } = request;
    const { ms: createdAtMs, iso: createdAt } = this.ports.recorder.now();
    const conversationId = conversation?.conversationId ?? null;
    const head = toHead(body, { responseId, createdAtMs, model: this.#modelOf(body, place), conversationId });
    return {
      responseId,
      callerId: asker.callerId,
      createdAt,
      status: body.background === true ? 'queued' : 'in_progress',
      head,
      fold: toFoldOptions(request),
      input,
      parentId: parent?.responseId ?? null,
      conversationId,
      ...toPlaceFields(place),
      threadSpec: plan.specText,
      turnSpec: plan.turnSpecText,
      ...NOT_OVER,
    };
  }

  #modelOf({ model }: CreateResponse, place: RunTarget | undefined): string {
    return model ?? (place && this.ports.manager.findRecord(place.threadId)?.model) ?? 'default';
  }

  #media({ callerId }: Asker): InlineMedia {
    return new InlineMedia(this.ports, callerId);
  }

  readonly #unseal = (sealed: string): string | undefined => this.ports.sealed.open(sealed);
}

function follow(run: ResponseRun, heldCalls: readonly CallerCall[] | undefined, seq: number, isWarmUp: boolean): void {
  if (isWarmUp) {
    run.warmUp();
  } else if (heldCalls && heldCalls.length > 0) {
    run.park(heldCalls, seq);
  } else {
    run.follow();
  }
}

/** Where the last thing stands that a model said, if something comes after it. */
function lastOutputIndex(items: readonly Item[]): number {
  const at = items.findLastIndex((item) => item.role === 'assistant' || isCall(item));
  return at === items.length - 1 ? -1 : at;
}

function toFoldOptions({ body, hasCodexItems }: MakeRequest): FoldOptions {
  const include = body.include ?? [];
  const { tools, mustCall } = toChosenTools(body);
  const callForms = toCallForms(tools);
  return {
    hasCodexItems: hasCodexItems || include.includes('codex.items'),
    hasEncryptedReasoning: include.includes('reasoning.encrypted_content'),
    isSerial: body.parallel_tool_calls === false,
    maxOutputTokens: body.max_output_tokens ?? null,
    isBackground: body.background === true,
    mustCall,
    ...(callForms === undefined ? {} : { callForms }),
  };
}

function toPlaceFields(place: RunTarget | undefined): Pick<ResponseRecord, 'threadId' | 'turnId' | 'afterSeq'> {
  return place
    ? { threadId: place.threadId, turnId: place.turnId, afterSeq: place.afterSeq }
    : { threadId: null, turnId: null, afterSeq: 0 };
}

function toStillMade({ responseId }: ResponseRecord, conversation: ConversationRecord | undefined): OpenAiFault {
  return conversation
    ? new OpenAiFault('conflict', 'Another response is being made in this conversation.', {
        openAiCode: 'conversation_locked',
        param: 'conversation',
      })
    : invalid(
        `Previous response with id '${responseId}' is still being made.`,
        'previous_response_not_completed',
        'previous_response_id',
      );
}
