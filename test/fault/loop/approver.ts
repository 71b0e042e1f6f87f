import { setTimeout as wait } from 'node:timers/promises';
import type { SeenApproval } from './ledger.ts';
import type { Play } from './play.ts';

const LONGEST_THOUGHT_MS = 80;
/** Answered, too late, withdrawn. */
const EXPECTED = [200, 409, 410];

/** Answers what the streams ask, each question once and with a key; leaves some open until the kills are over. */
export class Approver {
  readonly #play: Play;
  readonly #underWay = new Set<Promise<void>>();
  #isFinishing = false;

  constructor(play: Play) {
    this.#play = play;
    play.watcher.onQuestion = (approvalId) => {
      const approval = play.ledger.approvals.get(approvalId);
      if (approval && (this.#isFinishing || play.random() > 0.25)) {
        this.#begin(approval);
      }
    };
  }

  /** Answers what is still open, and from now on everything. */
  finish(): void {
    this.#isFinishing = true;
    for (const approval of this.#play.ledger.approvals.values()) {
      if (!approval.isResolved && approval.sent === undefined) {
        this.#begin(approval);
      }
    }
  }

  async settled(): Promise<void> {
    while (this.#underWay.size > 0) {
      await Promise.all(this.#underWay);
    }
  }

  #begin(approval: SeenApproval): void {
    const answering = this.#answer(approval).catch((error: unknown) => {
      this.#play.ledger.violate(`approval ${approval.approvalId}: ${String(error)}`);
    });
    this.#underWay.add(answering);
    void answering.then(() => this.#underWay.delete(answering));
  }

  async #answer(approval: SeenApproval): Promise<void> {
    const { client, ledger, moments, random } = this.#play;
    await wait(random() * LONGEST_THOUGHT_MS);
    const decision = random() < 0.8 ? 'approve' : 'decline';
    approval.sent = decision;
    const path = `/api/v2/threads/${approval.threadId}/approvals/${approval.approvalId}`;
    const answer = await client.keyed(path, `answer-${approval.approvalId}`, { json: { decision } }, () => {
      moments.tell('answer sent');
    });
    if (answer.status === 200) {
      approval.acked = decision;
      moments.tell('answer accepted');
    } else if (!EXPECTED.includes(answer.status)) {
      ledger.violate(`the answer to ${approval.approvalId} is answered ${String(answer.status)}: ${answer.text}`);
    }
  }
}
