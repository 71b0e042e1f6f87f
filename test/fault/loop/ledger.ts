import type { Decision } from '../../../src/core/approvals/approval.ts';

/** A request with a key that was answered: whoever sends it again must get the same answer. */
export interface KeptCall {
  path: string;
  key: string;
  body: Body;
  status: number;
  location: string | undefined;
  text: string;
}

/** A JSON body, or a file to be uploaded. */
export type Body = { json: object } | { file: Buffer; filename: string };

/** A turn that the server has accepted. */
export interface AckedTurn {
  turnId: string;
  threadId: string;
  /** Who submitted it: of one client the turns run in the order in which they were accepted. */
  client: string;
  /** The line that its command writes, where it has one. */
  line: string | undefined;
  wasInterrupted: boolean;
}

export interface SeenApproval {
  approvalId: string;
  threadId: string;
  turnId: string | null;
  isResolved: boolean;
  /** What a client sent, whether or not it got an answer. */
  sent: Decision | undefined;
  /** What the server said it took. */
  acked: Decision | undefined;
  /** The process that was killed while it was waiting, seen and unanswered. */
  inFlightAtKillOf: 'server' | 'engine' | undefined;
}

/** All that clients were told and that must still be true when the round ends. */
export class Ledger {
  /** By the name in its metadata. */
  readonly threads = new Map<string, string>();
  readonly turns = new Map<string, AckedTurn>();
  /** Turns that took further input while they ran: the model drops what it was about to do. */
  readonly steered = new Set<string>();
  readonly approvals = new Map<string, SeenApproval>();
  /** What the single commands wrote that were answered with success. */
  readonly commands: string[] = [];
  readonly attachments = new Map<string, Buffer>();
  readonly calls: KeptCall[] = [];
  readonly violations: string[] = [];
  retries = 0;
  reconnects = 0;

  violate(text: string): void {
    this.violations.push(text);
  }

  /** What was asked and not answered is lost with the process. */
  processKilled(process: 'server' | 'engine'): void {
    for (const approval of this.approvals.values()) {
      const wasInterrupted = approval.turnId !== null && this.turns.get(approval.turnId)?.wasInterrupted !== false;
      if (!approval.isResolved && approval.sent === undefined && !wasInterrupted) {
        approval.inFlightAtKillOf = process;
      }
    }
  }
}
