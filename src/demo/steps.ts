import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ApiClient, type Json } from './api-client.js';
import { check, type Conversation } from './conversation.js';
import { type StreamEvent } from './event-stream.js';
import { reconnect } from './reconnect.js';
import { printProof } from './terminal.js';

export interface Step {
  title: string;
  remark: string;
  /** Throws when anything is not as it has to be. */
  run: (conversation: Conversation) => Promise<void>;
}

const LIST = 'list.txt';
const OUTSIDE = '../out.txt';

/** What follows on the creation of the thread, in this order: each builds on those before. */
export const STEPS: readonly Step[] = [
  { title: 'Subscribe to its events', remark: 'From the first one on; the stream then stays open.', run: subscribe },
  {
    title: 'Submit a turn',
    remark: "The command really runs, in the engine's sandbox: it may write to the workspace only.",
    run: runInSandbox,
  },
  {
    title: 'Approve a command',
    remark: 'The agent asks to leave the sandbox, and waits for the answer.',
    run: approve,
  },
  { title: 'Patch a file', remark: 'An edit comes with its diff.', run: patch },
  { title: 'Reconnect', remark: 'The connection is lost in the middle of a text. Nothing else is.', run: reconnect },
  { title: 'Fork', remark: 'A new thread with the history up to the first turn.', run: fork },
];

/** Resolves with the path of the new thread. */
export async function createThread(api: ApiClient): Promise<string> {
  const body = {
    sandbox: 'workspace-write',
    config: { sandbox_workspace_write: { exclude_slash_tmp: true, exclude_tmpdir_env_var: true } },
  };
  const { thread_id: threadId } = await api.post(
    '/api/v2/threads',
    body,
    ({ thread_id: id, status, model }) => `thread ${String(id)}, ${String(status)}, model ${String(model)}`,
  );
  return `/api/v2/threads/${String(threadId)}`;
}

async function subscribe(conversation: Conversation): Promise<void> {
  await conversation.subscribe();
  await conversation.follow(({ name }) => name === 'stream/live');
}

async function runInSandbox(conversation: Conversation): Promise<void> {
  await conversation.runTurn([
    'say: I write a list, then try to write outside of the workspace.',
    `run: echo milk | tee ${LIST}; touch ${OUTSIDE} || echo refused`,
    'say: The list is written. The other file is not.',
  ]);
  const { workspace } = conversation;
  check(read(workspace, LIST) === 'milk\n', `${LIST} was not written`);
  check(!existsSync(join(workspace, OUTSIDE)), 'the sandbox let a command write outside of the workspace');
  printProof(`${LIST} is there, ${OUTSIDE} is not: the sandbox held`);
}

async function approve(conversation: Conversation): Promise<void> {
  const answer = async ({ name, data }: StreamEvent): Promise<void> => {
    if (name === 'item/commandExecution/requestApproval') {
      const path = `${conversation.path}/approvals/${String(data.approval_id)}`;
      await conversation.api.post(path, { decision: 'approve' }, ({ status }) => String(status));
    }
  };
  const script = [`run escalated: touch ${OUTSIDE} && ls .. because: May I leave the sandbox for this?`];
  await conversation.runTurn([...script, 'say: Thank you.'], answer);
  check(existsSync(join(conversation.workspace, OUTSIDE)), `${OUTSIDE} was not made`);
  printProof(`${OUTSIDE} is there now: somebody said yes`);
}

async function patch(conversation: Conversation): Promise<void> {
  await conversation.runTurn([
    'patch: *** Begin Patch',
    `*** Update File: ${LIST}`,
    '@@',
    '-milk',
    '+oat milk',
    '+apples',
    '*** End Patch',
    'say: Updated.',
  ]);
  check(read(conversation.workspace, LIST) === 'oat milk\napples\n', `${LIST} was not patched`);
  printProof(`${LIST} holds: oat milk, apples`);
}

async function fork({ api, path, turnIds }: Conversation): Promise<void> {
  const answer = await api.post(
    `${path}/fork`,
    { turn_id: turnIds[0] },
    ({ thread_id: id, forked_from_id: from }) => `thread ${String(id)}, forked from ${String(from)}`,
  );
  const summary = ({ data }: Json): string => `turns: ${String((data as Json[]).length)}`;
  const forked = await api.get(`/api/v2/threads/${String(answer.thread_id)}/turns`, summary);
  const source = await api.get(`${path}/turns`, summary);
  const [forkedCount, sourceCount] = [forked, source].map(({ data }) => (data as Json[]).length);
  check(forkedCount === 1 && sourceCount === turnIds.length, 'the fork has not the history that was asked for');
  printProof('the fork knows the first turn; the thread that it came from is as it was');
}

function read(folder: string, name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}
