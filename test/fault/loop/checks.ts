import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from './client.ts';
import type { Figures } from './figures.ts';
import { type Follower, type Frame, readAll, toBytes } from './follower.ts';
import type { Ledger } from './ledger.ts';
import type { World } from './world.ts';

export interface Round {
  world: World;
  client: Client;
  ledger: Ledger;
  figures: Figures;
  /** By the path of the stream. */
  followers: readonly { path: string; follower: Follower }[];
}

interface TurnView {
  turn_id: string;
  status: string;
}

interface ApprovalView {
  approval_id: string;
  status: string;
  decision: string | null;
}

type Logs = Map<string, Frame[]>;

/** What must be true when all is quiet again; everything that isn't goes to the ledger. */
export async function check(round: Round): Promise<void> {
  const logs = await checkEvents(round);
  await checkThreads(round);
  for (const threadId of round.ledger.threads.values()) {
    await checkTurns(round, threadId, logs.get(threadEvents(threadId)) ?? []);
  }
  await checkEffects(round);
  await checkApprovals(round, logs);
  await checkAttachments(round);
  await checkKeys(round);
}

export const threadEvents = (threadId: string): string => `/api/v2/threads/${threadId}/events`;
export const ALL_EVENTS = '/api/v2/events';

/** No number is missing, what was seen is told again in the same bytes, and both kinds of streams tell the same. */
async function checkEvents({ world, ledger, figures, followers }: Round): Promise<Logs> {
  const paths = [ALL_EVENTS, ...[...ledger.threads.values()].map(threadEvents)];
  const logs: Logs = new Map();
  for (const path of paths) {
    const log = await readAll(world, path);
    logs.set(path, log);
    const wrong = log.findIndex(({ id }, index) => id !== index + 1);
    if (wrong !== -1) {
      ledger.violate(`${path} has ${String(log[wrong]?.id)} in place of ${String(wrong + 1)}`);
    }
    figures.events += log.length;
  }
  for (const { path, follower } of followers) {
    const log = logs.get(path) ?? [];
    for (const [id, bytes] of follower.seen) {
      const frame = log[id - 1];
      if (!frame || toBytes(frame) !== bytes) {
        ledger.violate(`${path} ${String(id)} was ${bytes}; now it is ${frame ? toBytes(frame) : 'gone'}`);
      }
    }
    figures.eventsSeen += follower.seen.size;
  }
  checkAgainstServerWide(ledger, logs);
  return logs;
}

function checkAgainstServerWide(ledger: Ledger, logs: Logs): void {
  const everything = (logs.get(ALL_EVENTS) ?? []).map(
    ({ event, text }) => [event, JSON.parse(text) as { thread_id?: string | null; seq: number }] as const,
  );
  for (const threadId of ledger.threads.values()) {
    const own = (logs.get(threadEvents(threadId)) ?? []).map(({ event }) => event);
    const there = everything.filter(([, data]) => data.thread_id === threadId).map(([event]) => event);
    if (own.join() !== there.join()) {
      ledger.violate(`thread ${threadId} has other events on the server-wide stream than on its own`);
    }
  }
}

async function checkThreads({ client, ledger, figures }: Round): Promise<void> {
  const known = await client.all<{ thread_id: string; metadata: Record<string, string> }>('/api/v2/threads');
  for (const [name, threadId] of ledger.threads) {
    const found = known.filter(({ metadata }) => metadata.name === name).map(({ thread_id }) => thread_id);
    if (found.join() !== threadId) {
      ledger.violate(`thread ${name} is ${threadId}, and listed as [${found.join(', ')}]`);
    }
  }
  const strangers = known.filter(({ thread_id }) => ![...ledger.threads.values()].includes(thread_id));
  if (strangers.length > 0) {
    ledger.violate(`there are threads that nobody made: ${strangers.map(({ thread_id }) => thread_id).join(', ')}`);
  }
  figures.threads += ledger.threads.size;
}

const FINAL = ['completed', 'interrupted', 'cancelled'];

/** Every accepted turn once and no other, each with one end, which its stream shows, in the order of its client. */
async function checkTurns({ client, ledger, figures }: Round, threadId: string, log: readonly Frame[]): Promise<void> {
  const turns = await client.all<TurnView>(`/api/v2/threads/${threadId}/turns?sort_direction=asc`);
  const ends = toEnds(log);
  const acked = [...ledger.turns.values()].filter((turn) => turn.threadId === threadId);
  for (const { turnId } of acked) {
    const count = turns.filter(({ turn_id }) => turn_id === turnId).length;
    if (count !== 1) {
      ledger.violate(`turn ${turnId} of ${threadId} was accepted and exists ${String(count)} times`);
    }
  }
  for (const { turn_id: turnId, status } of turns) {
    const told = ends.filter((end) => end.turnId === turnId).map((end) => end.status);
    if (!ledger.turns.has(turnId)) {
      ledger.violate(`turn ${turnId} of ${threadId} is ${status} and was submitted by nobody`);
    }
    if (!FINAL.includes(status) || told.join() !== status) {
      ledger.violate(`turn ${turnId} of ${threadId} is ${status}; its stream tells [${told.join(', ')}]`);
    }
    count(figures, status);
  }
  checkOrder(ledger, acked, ends);
}

function count(figures: Figures, status: string): void {
  figures.turns += 1;
  if (status === 'completed' || status === 'interrupted' || status === 'cancelled') {
    figures[status] += 1;
  }
}

interface TurnEnd {
  turnId: string;
  status: string;
}

function toEnds(log: readonly Frame[]): TurnEnd[] {
  return log
    .filter(({ event }) => event === 'turn/completed' || event === 'turn/cancelled')
    .map(({ text }) => JSON.parse(text) as { turn_id: string; turn: { status: string } })
    .map(({ turn_id: turnId, turn }) => ({ turnId, status: turn.status }));
}

function checkOrder(
  ledger: Ledger,
  acked: readonly { turnId: string; client: string }[],
  ends: readonly TurnEnd[],
): void {
  const ran = ends.filter(({ status }) => status !== 'cancelled').map(({ turnId }) => turnId);
  for (const client of new Set(acked.map((turn) => turn.client))) {
    const own = acked.filter((turn) => turn.client === client && ran.includes(turn.turnId)).map(({ turnId }) => turnId);
    const order = ran.filter((turnId) => own.includes(turnId));
    if (own.join() !== order.join()) {
      ledger.violate(`the turns of ${client} ran as ${order.join(', ')}; they were accepted as ${own.join(', ')}`);
    }
  }
}

function readLines({ workspace }: World, name: string): string[] {
  const file = join(workspace, name);
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}

/** No command ran twice, and the commands of completed turns ran. */
async function checkEffects({ world, client, ledger }: Round): Promise<void> {
  const lines = readLines(world, 'runs.txt');
  const single = readLines(world, 'execs.txt');
  const twice = [lines, single].flatMap((all) => all.filter((line, index) => all.indexOf(line) !== index));
  if (twice.length > 0) {
    ledger.violate(`commands that ran more than once: ${twice.join(', ')}`);
  }
  const missing = ledger.commands.filter((line) => !single.includes(line));
  if (missing.length > 0) {
    ledger.violate(`commands that were answered with success and never ran: ${missing.join(', ')}`);
  }
  for (const { threadId, turnId, line } of ledger.turns.values()) {
    if (line !== undefined && !lines.includes(line) && !ledger.steered.has(turnId)) {
      const { status } = await client.json<TurnView>(`/api/v2/threads/${threadId}/turns/${turnId}`);
      if (status === 'completed') {
        ledger.violate(`turn ${turnId} of ${threadId} is completed, but its command ${line} never ran`);
      }
    }
  }
}

async function checkApprovals({ client, ledger, figures }: Round, logs: Logs): Promise<void> {
  const approvals = await client.all<ApprovalView>('/api/v2/approvals');
  const told = (logs.get(ALL_EVENTS) ?? [])
    .filter(({ event }) => event.startsWith('approval/'))
    .map(({ event, text }) => [event, JSON.parse(text) as ApprovalView] as const);
  for (const approval of approvals) {
    const own = told.filter(([, data]) => data.approval_id === approval.approval_id);
    const events = own.map(([event, { status }]) => (event === 'approval/resolved' ? `resolved ${status}` : event));
    const expected = `${approval.status === 'expired' ? 'approval/expired,' : ''}resolved ${approval.status}`;
    if (approval.status === 'pending' || events.join() !== expected) {
      ledger.violate(`approval ${approval.approval_id} is ${approval.status}; its stream tells [${events.join(', ')}]`);
    }
    figures.approvals += 1;
    figures.answered += approval.status === 'answered' ? 1 : 0;
    figures.expired += approval.status === 'expired' ? 1 : 0;
  }
  checkSeenApprovals(ledger, approvals);
}

function checkSeenApprovals(ledger: Ledger, approvals: readonly ApprovalView[]): void {
  for (const { approvalId, acked, inFlightAtKillOf } of ledger.approvals.values()) {
    const found = approvals.filter(({ approval_id }) => approval_id === approvalId);
    const [approval] = found;
    if (!approval || found.length !== 1) {
      ledger.violate(`approval ${approvalId} was seen and exists ${String(found.length)} times`);
    } else if (acked !== undefined && (approval.status !== 'answered' || approval.decision !== acked)) {
      ledger.violate(
        `approval ${approvalId} took ${acked}, and is ${approval.status} with ${String(approval.decision)}`,
      );
    } else if (inFlightAtKillOf !== undefined && approval.status !== 'expired' && !wasInTime(inFlightAtKillOf, acked)) {
      ledger.violate(
        `approval ${approvalId} was in flight when the ${inFlightAtKillOf} was killed: ${approval.status}`,
      );
    }
  }
}

/** An answer that comes between the death of the engine and the server's notice of it is taken. */
function wasInTime(killed: 'server' | 'engine', acked: string | undefined): boolean {
  return killed === 'engine' && acked !== undefined;
}

async function checkAttachments({ client, ledger, figures }: Round): Promise<void> {
  for (const [attachmentId, file] of ledger.attachments) {
    const { status, text } = await client.call({ method: 'GET', path: `/api/v2/attachments/${attachmentId}` });
    if (status !== 200 || !Buffer.from(text, 'latin1').equals(file)) {
      ledger.violate(`attachment ${attachmentId} is answered ${String(status)} with ${String(text.length)} bytes`);
    }
    figures.attachments += 1;
  }
}

/** Each request that was answered is answered the same again, and its key is refused for another one. */
async function checkKeys({ client, ledger, figures }: Round): Promise<void> {
  for (const { path, key, body, status, location, text } of ledger.calls) {
    const again = await client.call({ method: 'POST', path, key, body });
    if (again.status !== status || again.headers.location !== location || again.text !== text) {
      ledger.violate(
        `${path} with ${key} was ${String(status)} ${text}; now it is ${String(again.status)} ${again.text}`,
      );
    }
    figures.replays += 1;
  }
  for (const { path, key, body } of ledger.calls.slice(-3)) {
    const other = 'json' in body ? { json: { ...body.json, extra: true } } : { ...body, file: Buffer.from('other') };
    const { status, text } = await client.call({ method: 'POST', path, key, body: other });
    if (status !== 409 || !text.includes('idempotency_conflict')) {
      ledger.violate(`${path} with ${key} and another body is answered ${String(status)}: ${text}`);
    }
  }
}
