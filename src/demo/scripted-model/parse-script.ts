import { isCallStep, type Step } from './step.js';

/** A directive that can't be read; the message names the line and what was expected. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError';
}

/** The directives, each with its form and what it does. */
export const directiveHelp: readonly (readonly [form: string, meaning: string])[] = [
  ['say: TEXT', 'a message, streamed word by word'],
  ['part: TEXT', 'the same, but left open: the next say or part continues the message'],
  ['think: TEXT', 'a reasoning summary'],
  ['run: COMMAND', 'a shell command'],
  ['run escalated: COMMAND because: REASON', 'a shell command outside of the sandbox, which asks for approval'],
  ['patch: *** Begin Patch … *** End Patch', 'an edit of files, in the format of apply_patch'],
  ['call: TOOL {JSON}', 'any tool; NAMESPACE.TOOL for one in a namespace, plain text for one that takes text'],
  ['mcp: SERVER TOOL {JSON}', 'a tool of an MCP server'],
  ['ask: {"questions":[…]}', 'questions to the user'],
  ['also run: …', 'before any call: joins it to the call before, in parallel'],
  ['deltas: COUNT size=CHARS per-write=COUNT', 'one message in many numbered deltas, as fast as possible'],
  ['pace: 20ms', 'waits before each word that follows in this response'],
  ['delay: 200ms', 'waits once'],
  ['gate: NAME', 'waits until the gate is released'],
  ['stall', 'never goes on'],
  ['fail: STATUS MESSAGE', 'an HTTP error'],
  ['fail: response CODE MESSAGE', 'a failed response under a 200'],
  ['cut', 'breaks the connection'],
  ['ids: numbered', 'numbers what follows in this response from 0 (msg_0, exec_command:0), as some providers do'],
  ['usage: INPUT/CACHED/OUTPUT/REASONING', 'the token counts that this response reports'],
];

type Parser = (text: string) => Step;

const parsers: Readonly<Record<string, Parser>> = {
  say: (text) => ({ kind: 'say', text }),
  part: (text) => ({ kind: 'say', text, isOpen: true }),
  think: (text) => ({ kind: 'think', text }),
  run: (text) => ({ kind: 'run', command: requireText(text, 'run: COMMAND') }),
  'run escalated': parseEscalated,
  patch: (text) => ({ kind: 'patch', patch: requireText(text, 'patch: *** Begin Patch …') }),
  call: parseCall,
  mcp: parseMcp,
  ask: (text) => ({ kind: 'ask', input: requireJson(text) }),
  deltas: parseDeltas,
  pace: (text) => ({ kind: 'pace', delayMs: parseDuration(text) }),
  delay: (text) => ({ kind: 'delay', delayMs: parseDuration(text) }),
  gate: (text) => ({ kind: 'gate', name: requireText(text, 'gate: NAME') }),
  stall: () => ({ kind: 'stall' }),
  cut: () => ({ kind: 'cut' }),
  ids: parseIds,
  fail: parseFail,
  usage: parseUsage,
};

const directive =
  /^(also )?(?:(say|part|think|run escalated|run|patch|call|mcp|ask|deltas|pace|delay|gate|ids|fail|usage):[ \t]?(.*)|(stall|cut)[ \t]*)$/s;

/**
 * Reads the directives of a text. A line that begins with a directive's name starts a step; the lines after it belong
 * to that step (so a command, a patch or a message may have many), and the lines before the first directive are prose.
 * Inside a patch nothing is a directive until `*** End Patch`. A text without any directive gives no steps.
 * @throws ScriptError if a directive can't be read
 */
export function parseScript(text: string): Step[] {
  return splitDirectives(text).map(({ name, isJoined, lines }) => {
    const body = lines.join('\n').replace(/[ \t\r\n]+$/, name === 'part' ? '$&' : '');
    return isJoined ? toJoined(requireParser(name)(body)) : requireParser(name)(body);
  });
}

function toJoined(step: Step): Step {
  if (!isCallStep(step)) {
    throw new ScriptError('expected a tool call after "also"');
  }
  return { ...step, isJoined: true };
}

interface Directive {
  name: string;
  isJoined: boolean;
  lines: string[];
}

function splitDirectives(text: string): Directive[] {
  const found: Directive[] = [];
  for (const line of text.split(/\r?\n/)) {
    const last = found.at(-1);
    const match = last && isInsidePatch(last) ? null : directive.exec(line);
    if (match) {
      const [, also, name, rest, bare] = match;
      found.push({ name: name ?? bare ?? '', isJoined: also !== undefined, lines: [rest ?? ''] });
    } else {
      last?.lines.push(line);
    }
  }
  return found;
}

function isInsidePatch({ name, lines }: Directive): boolean {
  return name === 'patch' && !lines.some((line) => line.trim() === '*** End Patch');
}

function requireParser(name: string): Parser {
  const parser = parsers[name];
  if (!parser) {
    throw new ScriptError(`unknown directive ${JSON.stringify(name)}`);
  }
  return parser;
}

function requireText(text: string, form: string): string {
  const trimmed = text.trim();
  if (!trimmed) {
    throw new ScriptError(`expected ${form}`);
  }
  return trimmed;
}

function requireJson(text: string): string {
  const json = text.trim() || '{}';
  try {
    JSON.parse(json);
  } catch (cause) {
    throw new ScriptError(`expected JSON, got ${JSON.stringify(json)}`, { cause });
  }
  return json;
}

function requireMatch(pattern: RegExp, text: string, form: string): RegExpExecArray {
  const match = pattern.exec(text.trim());
  if (!match) {
    throw new ScriptError(`expected ${form}, got ${JSON.stringify(text)}`);
  }
  return match;
}

function parseEscalated(text: string): Step {
  const [command = '', ...reasons] = text.split(/\s+because:\s*/);
  return {
    kind: 'run',
    command: requireText(command, 'run escalated: COMMAND because: REASON'),
    justification: reasons.join(' because: ').trim() || 'The script asks for it.',
  };
}

function parseCall(text: string): Step {
  const match = requireMatch(/^(\S+)\s*(.*)$/s, text, 'call: TOOL {JSON}');
  const input = match[2] ?? '';
  return { kind: 'call', tool: match[1] ?? '', input: /^[{[]|^$/.test(input) ? requireJson(input) : input };
}

function parseMcp(text: string): Step {
  const match = requireMatch(/^(\S+)\s+(\S+)\s*(.*)$/s, text, 'mcp: SERVER TOOL {JSON}');
  return { kind: 'mcp', server: match[1] ?? '', tool: match[2] ?? '', input: requireJson(match[3] ?? '') };
}

function parseDeltas(text: string): Step {
  const form = 'deltas: COUNT size=CHARS per-write=COUNT';
  const match = requireMatch(/^(\d+)((?:\s+(?:size|per-write)=[1-9]\d*)*)$/, text, form);
  const options = new Map([...(match[2] ?? '').matchAll(/(\S+)=(\d+)/g)].map(([, key, value]) => [key, Number(value)]));
  return {
    kind: 'deltas',
    count: Number(match[1]),
    sizeChars: options.get('size') ?? 8,
    perWrite: options.get('per-write') ?? 128,
  };
}

function parseDuration(text: string): number {
  const match = requireMatch(/^(\d+(?:\.\d+)?)\s*(ms|s)$/, text, 'a duration such as 200ms or 1.5s');
  return Number(match[1]) * (match[2] === 's' ? 1000 : 1);
}

function parseIds(text: string): Step {
  requireMatch(/^numbered$/, text, 'ids: numbered');
  return { kind: 'ids' };
}

function parseFail(text: string): Step {
  const form = 'fail: STATUS MESSAGE or fail: response CODE MESSAGE';
  const match = requireMatch(/^(?:response\s+(\w+)|([45]\d\d))\b\s*(.*)$/s, text, form);
  const message = match[3] ?? '';
  return match[1]
    ? { kind: 'fail-response', code: match[1], message: message || 'The script made this response fail.' }
    : { kind: 'fail', status: Number(match[2]), message: message || 'The script made this request fail.' };
}

function parseUsage(text: string): Step {
  const match = requireMatch(/^(\d+)\/(\d+)\/(\d+)\/(\d+)$/, text, 'usage: INPUT/CACHED/OUTPUT/REASONING');
  const [input = 0, cached = 0, output = 0, reasoning = 0] = match.slice(1).map(Number);
  return { kind: 'usage', usage: { input, cached, output, reasoning } };
}
