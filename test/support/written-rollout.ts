import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface WrittenRollout {
  threadId: string;
  /** Oldest first. */
  turnIds: string[];
}

interface Folders {
  codexHome: string;
  workspace: string;
}

/**
 * Writes the file of a thread with many turns, each a message and its answer (`Question 1.`, `Answer 1.` …), a minute after
 * the one before, in the form in which the engine's command line kept its threads before it kept an index of them.
 */
export function writeRollout({ codexHome, workspace }: Folders, turnCount: number): WrittenRollout {
  const threadId = toUuid7(Date.UTC(2026, 0, 2));
  const turnIds = Array.from({ length: turnCount }, (_, index) => toUuid7(turnTime(index)));
  const meta = {
    id: threadId,
    timestamp: new Date(turnTime(0)).toISOString(),
    cwd: workspace,
    originator: 'codex_cli_rs',
    cli_version: '0.100.0',
    source: 'cli',
    model_provider: 'scripted',
  };
  const lines = [
    toLine(turnTime(0), 'session_meta', meta),
    ...turnIds.flatMap((turnId, index) => turnLines(turnId, index, workspace)),
  ];
  const folder = join(codexHome, 'sessions', '2026', '01', '02');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `rollout-2026-01-02T00-00-00-${threadId}.jsonl`), lines.join(''));
  return { threadId, turnIds };
}

const turnTime = (index: number): number => Date.UTC(2026, 0, 2) + index * 60_000;

function turnLines(turnId: string, index: number, cwd: string): string[] {
  const number = String(index + 1);
  const [question, answer] = [`Question ${number}.`, `Answer ${number}.`];
  const at = turnTime(index);
  const event = (payload: object): string => toLine(at, 'event_msg', payload);
  const message = (role: string, type: string, text: string): string =>
    toLine(at, 'response_item', { type: 'message', role, content: [{ type, text }] });
  const context = { approval_policy: 'on-request', sandbox_policy: { type: 'read-only' }, summary: 'auto' };
  return [
    event({ type: 'task_started', turn_id: turnId, started_at: at / 1000, model_context_window: 258_400 }),
    toLine(at, 'turn_context', { turn_id: turnId, cwd, model: 'scripted-model', ...context }),
    message('user', 'input_text', question),
    event({ type: 'user_message', message: question, images: [], local_images: [], text_elements: [] }),
    event({ type: 'agent_message', message: answer }),
    message('assistant', 'output_text', answer),
    event({ type: 'task_complete', turn_id: turnId, last_agent_message: answer, completed_at: at / 1000 + 5 }),
  ];
}

const toLine = (at: number, type: string, payload: object): string =>
  `${JSON.stringify({ timestamp: new Date(at).toISOString(), type, payload })}\n`;

/** The engine reads a thread's time from its id. */
function toUuid7(ms: number): string {
  const time = ms.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
