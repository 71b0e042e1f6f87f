import { setTimeout as wait } from 'node:timers/promises';
import { seededRandom } from '../../support/seeded-random.ts';
import { Approver } from './approver.ts';
import { ALL_EVENTS, check, threadEvents } from './checks.ts';
import { Client } from './client.ts';
import { type Figures, newFigures } from './figures.ts';
import { Follower } from './follower.ts';
import { Killer } from './killer.ts';
import { Ledger } from './ledger.ts';
import { Moments } from './moments.ts';
import type { Play } from './play.ts';
import { Submitter } from './submitter.ts';
import { Watcher } from './watcher.ts';
import { World } from './world.ts';

const THREADS = 3;
const CLIENTS_PER_THREAD = 2;
const MIN_KILLS = 3;
const MAX_KILLS = 6;
const SETTLE_TIMEOUT_MS = 60_000;

/** Lets commands write to the workspace and nowhere else. */
const WRITABLE = {
  sandbox: 'workspace-write',
  config: { sandbox_workspace_write: { exclude_slash_tmp: true, exclude_tmpdir_env_var: true } },
};

export interface RoundOptions {
  /** Whether the folders of a round that failed are left. */
  isKeeping: boolean;
  /** Further flags for the server. */
  args: readonly string[];
}

export interface RoundResult {
  figures: Figures;
  violations: readonly string[];
  /** Where the folders of the round were left, if they were. */
  root: string | undefined;
}

/** One round: fresh folders, clients at work, kills among them, and then everything that was promised is looked at. */
export async function playRound(seed: number, { isKeeping, args }: RoundOptions): Promise<RoundResult> {
  const world = await World.start(args);
  const figures = { ...newFigures(), rounds: 1 };
  const ledger = new Ledger();
  const followers: { path: string; follower: Follower }[] = [];
  try {
    await play({ world, ledger, figures, followers, seed });
  } catch (error) {
    ledger.violate(error instanceof Error ? error.message : String(error));
  } finally {
    await Promise.all(followers.map(({ follower }) => follower.stop()));
    await world.stop({ isKeeping: isKeeping && ledger.violations.length > 0 });
  }
  const { retries, reconnects, violations } = ledger;
  const counted = { ...figures, retries, reconnects, violations: violations.length };
  return { figures: counted, violations, root: isKeeping ? world.root : undefined };
}

interface Stage {
  world: World;
  ledger: Ledger;
  figures: Figures;
  followers: { path: string; follower: Follower }[];
  seed: number;
}

async function play({ world, ledger, figures, followers, seed }: Stage): Promise<void> {
  const random = seededRandom(seed);
  const moments = new Moments();
  const watcher = new Watcher(ledger, moments);
  const client = new Client(world, ledger);
  let isClosing = false;
  const parts: Play = { client, ledger, moments, watcher, random, isClosing: () => isClosing };
  world.model.onRequest(() => {
    moments.tell('model asked');
    return undefined;
  });
  const approver = new Approver(parts);
  followers.push({ path: ALL_EVENTS, follower: new Follower(world, ledger, { path: ALL_EVENTS }) });
  const working = Array.from({ length: THREADS }, async (_, index) => {
    const threadId = await createThread(parts, `thread-${String(index)}`);
    followers.push(...followThread({ world, ledger, threadId, parts }));
    const submitters = Array.from({ length: CLIENTS_PER_THREAD }, (__, number) => {
      return new Submitter(`t${String(index)}c${String(number)}`, threadId, parts);
    });
    await Promise.all(submitters.map((submitter) => submitter.run()));
  });
  const all = Promise.all(working);
  const kills = MIN_KILLS + Math.floor(random() * (MAX_KILLS - MIN_KILLS + 1));
  await Promise.race([new Killer(world, parts, figures).run(kills), all]);
  isClosing = true;
  approver.finish();
  await settle(all, parts);
  await approver.settled();
  await Promise.all(followers.map(({ follower }) => follower.stop()));
  await check({ world, client, ledger, figures, followers });
}

async function createThread({ client, ledger, moments }: Play, name: string): Promise<string> {
  const json = { ...WRITABLE, metadata: { name } };
  const { status, text } = await client.keyed('/api/v2/threads', name, { json }, () => {
    moments.tell('thread sent');
  });
  if (status !== 201) {
    throw new Error(`${name} is answered ${String(status)}: ${text}`);
  }
  const { thread_id: threadId } = JSON.parse(text) as { thread_id: string };
  ledger.threads.set(name, threadId);
  return threadId;
}

interface Followed {
  world: World;
  ledger: Ledger;
  threadId: string;
  parts: Play;
}

/** One who stays, and one who comes and goes. */
function followThread({ world, ledger, threadId, parts }: Followed): { path: string; follower: Follower }[] {
  const path = threadEvents(threadId);
  const staying = new Follower(world, ledger, {
    path,
    onEvent: (frame) => {
      parts.watcher.take(threadId, frame);
    },
  });
  const dropsAfter = (): number => 1 + Math.floor(parts.random() * 30);
  const leaving = new Follower(world, ledger, { path, dropsAfter });
  return [staying, leaving].map((follower) => ({ path, follower }));
}

/** Resolves when every accepted turn has ended on its stream; nobody may have to wait for ever. */
async function settle(working: Promise<unknown>, { ledger, watcher }: Play): Promise<void> {
  const late = new AbortController();
  const timeout = wait(SETTLE_TIMEOUT_MS, 'late', { signal: late.signal });
  const ended = working.then(() => Promise.all([...ledger.turns.keys()].map((turnId) => watcher.untilEnded(turnId))));
  const outcome = await Promise.race([ended, timeout]);
  late.abort();
  timeout.catch(() => undefined);
  if (outcome === 'late') {
    const open = [...ledger.turns.keys()].filter((turnId) => !watcher.hasEnded(turnId));
    throw new Error(`After a minute without a kill these turns have no end on their streams: ${open.join(', ')}`);
  }
}
