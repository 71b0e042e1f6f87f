import { type Payload } from '../../../core/engine/engine.js';
import { type EventMsg } from './event-msg.js';
import { asText, toFileChanges } from './from-payload.js';

export type MsgFileChanges = ReturnType<typeof toFileChanges>;

/**
 * Patches. This protocol tells the beginning of one only when it is known whether somebody had to approve it; the engine's
 * items begin before that. So it is told with the approval, or, as nobody was asked, with the end.
 */
export class PatchEvents {
  readonly #changes = new Map<string, MsgFileChanges>();
  readonly #asked = new Set<string>();

  started(item: Payload): void {
    this.#changes.set(asText(item.id), toFileChanges(item.changes));
  }

  /** What the patch of a question would change. */
  asked(itemId: string): MsgFileChanges {
    this.#asked.add(itemId);
    return this.#changes.get(itemId) ?? {};
  }

  /** The question about an item was answered, by somebody or by time. */
  answered(payload: Payload, turnId: string): EventMsg[] {
    const { item_id: itemId, kind, decision } = payload;
    const changes = this.#changes.get(asText(itemId));
    const isApproved = asText(decision).startsWith('approve');
    return kind === 'file_change' && changes && isApproved ? [toBegin(asText(itemId), turnId, changes, false)] : [];
  }

  completed(item: Payload, turnId: string): EventMsg[] {
    const id = asText(item.id);
    const changes = toFileChanges(item.changes);
    const status = asText(item.status);
    const end: EventMsg = {
      type: 'patch_apply_end',
      call_id: id,
      turn_id: turnId,
      stdout: '',
      stderr: '',
      success: status === 'completed',
      changes,
      status,
    };
    const begin = this.#asked.has(id) ? [] : [toBegin(id, turnId, changes, true)];
    this.#changes.delete(id);
    this.#asked.delete(id);
    return [...begin, end];
  }
}

function toBegin(id: string, turnId: string, changes: MsgFileChanges, isAutoApproved: boolean): EventMsg {
  return { type: 'patch_apply_begin', call_id: id, turn_id: turnId, auto_approved: isAutoApproved, changes };
}
