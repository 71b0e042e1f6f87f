import { type Json } from './api-client.js';
import { type StreamEvent } from './event-stream.js';
import { paint } from './terminal.js';

/** What is worth reading of an event: a few words beside its name, and lines below. */
export interface EventDetail {
  text: string;
  lines: string[];
}

type Describe = (data: Json) => EventDetail | null;

/** The events that are shown on lines of their own; `null` for one of that name which says nothing new. */
const DESCRIPTIONS: Readonly<Record<string, Describe>> = {
  'turn/started': () => oneLine(''),
  'turn/completed': ({ turn }) => {
    const { status, duration_ms: durationMs } = turn as { status: string; duration_ms: number };
    return oneLine(`${status} in ${String(durationMs)} ms`);
  },
  'item/started': ({ item }) => describeStart(item as Json),
  'item/completed': ({ item }) => describeEnd(item as Json),
  'item/commandExecution/requestApproval': ({ reason, available_decisions: decisions }) => ({
    text: '',
    lines: [paint('yellow', String(reason)), (decisions as string[]).join(' | ')],
  }),
  'approval/resolved': ({ status, decision }) => oneLine(`${String(status)}: ${String(decision)}`),
  'stream/live': () => oneLine('everything before was replayed, from here on it is live'),
};

export function describeEvent({ name, data }: StreamEvent): EventDetail | null {
  return DESCRIPTIONS[name]?.(data) ?? null;
}

function oneLine(text: string): EventDetail {
  return { text, lines: [] };
}

/** The command alone: `item.command` names the login shell that runs it as well. */
function describeStart({ type, command_actions: actions }: Json): EventDetail | null {
  if (type !== 'command_execution') {
    return null;
  }
  return oneLine((actions as { command: string }[]).map(({ command }) => `$ ${command}`).join('; '));
}

function describeEnd(item: Json): EventDetail | null {
  if (item.type === 'command_execution') {
    return {
      text: `${String(item.status)}, exit code ${String(item.exit_code)}`,
      lines: toLines(item.aggregated_output).map((line) => `${paint('dim', '│')} ${line}`),
    };
  }
  if (item.type === 'file_change') {
    const changes = item.changes as { diff: string }[];
    return {
      text: `a patch, ${String(item.status)}`,
      lines: changes.flatMap(({ diff }) => toLines(diff).map(paintDiffLine)),
    };
  }
  return null;
}

function toLines(text: unknown): string[] {
  return typeof text === 'string' ? text.trimEnd().split('\n') : [];
}

function paintDiffLine(line: string): string {
  const styles = { '+': 'green', '-': 'red', '@': 'cyan' } as const;
  const style = styles[line.charAt(0) as keyof typeof styles] as 'green' | 'red' | 'cyan' | undefined;
  return style === undefined ? line : paint(style, line);
}
