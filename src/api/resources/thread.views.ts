import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { type Json, toJson, withFields } from '../../http/json.js';
import { engine, nullable } from './engine-schema.js';
import { type ThreadRecord } from '../../core/threads/thread-record.js';
import { type ThreadSnapshot } from '../../core/threads/thread-directory.js';
import { THREAD_STATUSES, type ThreadStatus } from '../../core/threads/thread-status.js';

@ApiSchema({ description: 'A conversation with the agent.' })
export class ThreadDto {
  thread_id!: string;

  /** As set by a caller or by the engine. */
  name!: string | null;

  /** The beginning of the first message. */
  preview!: string;

  /** `waiting`: a turn runs and waits for an answer to an approval. `not_loaded`: it is stored, and the next turn loads it. */
  @ApiProperty({ enum: THREAD_STATUSES })
  status!: ThreadStatus;

  /** The turn that runs now. */
  active_turn_id!: string | null;

  /** How many of its approvals wait for an answer. */
  @ApiProperty({ type: 'integer', minimum: 0 })
  pending_approvals!: number;

  /** How many turns wait for the one that runs. */
  @ApiProperty({ type: 'integer', minimum: 0 })
  queued_turns!: number;

  model!: string | null;
  model_provider!: string | null;

  /** The folder that it works in. */
  cwd!: string | null;

  @ApiProperty({ ...nullable(engine('AskForApproval')), description: 'When the engine asks before it acts.' })
  approval_policy!: unknown;

  @ApiProperty({ ...nullable(engine('SandboxPolicy')), description: 'What its commands may touch.' })
  sandbox!: unknown;

  reasoning_effort!: string | null;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  @ApiProperty({ format: 'date-time' })
  updated_at!: string;

  archived!: boolean;

  /** Never written to disk by the engine, and not listed. */
  ephemeral!: boolean;

  /** The thread whose history it began with. */
  forked_from_id!: string | null;

  /** The caller's own. */
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  metadata!: Record<string, string>;

  @ApiProperty({ ...nullable(engine('ThreadTokenUsage')), description: 'Of the whole thread, as last reported.' })
  token_usage!: unknown;

  @ApiProperty({ ...nullable(engine('GitInfo')), description: 'The commit that it began on.' })
  git_info!: unknown;

  /** The number of its last event; 0 when it has none. */
  @ApiProperty({ type: 'integer' })
  latest_seq!: number;
}

type LiveField = 'status' | 'active_turn_id' | 'pending_approvals' | 'queued_turns' | 'latest_seq';

const records = new WeakMap<ThreadRecord, Json<Omit<ThreadDto, LiveField>>>();

/** The record's part is made once per record, since a thread is read more often than it changes. */
export function toThreadJson(snapshot: ThreadSnapshot): Json<ThreadDto> {
  const { record, status, activeTurnId, pendingApprovals, queuedTurns, latestSeq } = snapshot;
  let json = records.get(record);
  if (json === undefined) {
    json = toJson(toRecordView(record));
    records.set(record, json);
  }
  return withFields<Omit<ThreadDto, LiveField>, Pick<ThreadDto, LiveField>>(json, {
    status: toJson(status),
    active_turn_id: toJson(activeTurnId),
    pending_approvals: toJson(pendingApprovals),
    queued_turns: toJson(queuedTurns),
    latest_seq: toJson(latestSeq),
  });
}

function toRecordView(record: ThreadRecord): Omit<ThreadDto, LiveField> {
  return {
    thread_id: record.threadId,
    name: record.name,
    preview: record.preview,
    model: record.model,
    model_provider: record.modelProvider,
    cwd: record.cwd,
    approval_policy: record.approvalPolicy ?? null,
    sandbox: record.sandbox ?? null,
    reasoning_effort: record.reasoningEffort,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
    archived: record.archived,
    ephemeral: record.ephemeral,
    forked_from_id: record.forkedFromId,
    metadata: record.metadata,
    token_usage: record.tokenUsage ?? null,
    git_info: record.gitInfo ?? null,
  };
}
