import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { type Methods, type RequestMethod } from './methods.ts';

/** Above this the engine's doc comments are left out, to keep editors quick. */
const MAX_DOCUMENTED_CHARS = 400_000;
const IMPORT = /^import type \{ (\w+) \} from "([^"]+)";$/gm;
const EXPORT = /^export type (\w+) =\s*/m;
const DOC_COMMENT = /\/\*\*[\s\S]*?\*\/\n?/g;
const LINE_COMMENT = /^\/\/.*\n/gm;
const HAS_FREE_REST = /(?:^|&)\s*\(?\{\s*\[key in string\]/;
const WORD = /"[^"\n]*"|[A-Za-z_]\w*/g;

interface TypeFile {
  readonly id: string;
  readonly name: string;
  /** Local name → the file that it is imported from. */
  readonly imports: ReadonlyMap<string, string>;
  readonly docs: string;
  readonly body: string;
}

/**
 * The engine's own TypeScript, which tells absent from null better than its JSON Schema does, as one module: only what
 * the methods reach, plus a table of types for each kind of message.
 */
export function renderTypes(tsFolder: string, methods: Methods, header: string): string {
  const files = new Map(readTypeFiles(tsFolder).map((file) => [file.id, file]));
  const reached = reachableFiles(
    files,
    [...methodNames(methods)].map((name) => idOf(files, name)),
  );
  const names = finalNames(reached);
  const tables = [
    requestTable('EngineRequests', 'What a client may ask of the engine.', methods.clientRequests),
    notificationTable(methods),
    requestTable('EngineServerRequests', 'What the engine asks of its client.', methods.serverRequests),
  ];
  const render = (withDocs: boolean): string =>
    [header, ...declarations(reached, names, withDocs), ...tables].join('\n').trimEnd() + '\n';
  const documented = render(true);
  return documented.length <= MAX_DOCUMENTED_CHARS ? documented : render(false);
}

/**
 * The definitions whose TypeScript has a rest of free keys (`{…} & { [key in string]?: … }`, or nothing but free keys)
 * while their JSON Schema is silent: flattened maps get lost there.
 */
export function findForgottenRests(tsFolder: string, isSaid: (definition: string) => boolean): string[] {
  return readTypeFiles(tsFolder)
    .filter(({ body, name }) => HAS_FREE_REST.test(body) && !isSaid(name))
    .map(({ name }) => name);
}

function methodNames(methods: Methods): Set<string> {
  const requests = [...methods.clientRequests, ...methods.serverRequests];
  const names = requests.flatMap(({ params, response }) => (params === null ? [response] : [params, response]));
  return new Set([...names, ...methods.notifications.map(({ params }) => params)]);
}

function readTypeFiles(tsFolder: string): TypeFile[] {
  return readdirSync(tsFolder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts') && posix.basename(path) !== 'index.ts')
    .sort()
    .map((path) => parseTypeFile(path.replace(/\.ts$/, ''), readFileSync(join(tsFolder, path), 'utf8')));
}

function parseTypeFile(id: string, text: string): TypeFile {
  const imports = new Map<string, string>();
  for (const [, name, path] of text.matchAll(IMPORT)) {
    if (name !== undefined && path !== undefined) {
      imports.set(name, posix.join(dirname(id), path));
    }
  }
  const source = text.replace(IMPORT, '').replace(LINE_COMMENT, '').trim();
  const match = EXPORT.exec(source);
  const name = match?.[1];
  if (match === null || name === undefined || source.includes('\nimport ')) {
    throw new Error(`The engine's ${id}.ts is not one exported type with plain imports.`);
  }
  // JSON.parse makes numbers, never a bigint, of what the engine types by its 64-bit integers.
  const body = source.slice(match.index + match[0].length).replace(/\bbigint\b/g, 'number');
  return { id, name, imports, docs: source.slice(0, match.index), body };
}

/** v2 is what the methods speak; the root folder holds what they share and the oldest methods' own. */
function idOf(files: ReadonlyMap<string, TypeFile>, name: string): string {
  const id = [`v2/${name}`, name].find((candidate) => files.has(candidate));
  if (id === undefined) {
    throw new Error(`The engine's TypeScript has no type ${name}, which its JSON Schema names.`);
  }
  return id;
}

function reachableFiles(files: ReadonlyMap<string, TypeFile>, roots: readonly string[]): TypeFile[] {
  const reached = new Map<string, TypeFile>();
  const pending = [...roots];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const file = files.get(id);
    if (file === undefined) {
      throw new Error(`The engine's TypeScript imports ${id}, which it does not have.`);
    }
    if (!reached.has(id)) {
      reached.set(id, file);
      pending.push(...file.imports.values());
    }
  }
  return [...reached.values()].sort((a, b) => (`${a.name} ${a.id}` < `${b.name} ${b.id}` ? -1 : 1));
}

/** Of two different types with one name, v2 keeps it and the root's is called `Legacy…`; equal ones become one. */
function finalNames(files: readonly TypeFile[]): Map<string, string> {
  const byName = new Map<string, TypeFile[]>();
  files.forEach((file) => byName.set(file.name, [...(byName.get(file.name) ?? []), file]));
  const names = new Map<string, string>();
  for (const [name, namesakes] of byName) {
    const areEqual = new Set(namesakes.map(({ body }) => body)).size === 1;
    for (const { id } of namesakes) {
      const isLegacy = namesakes.length > 1 && !areEqual && !id.startsWith('v2/');
      const chosen = isLegacy ? `Legacy${name}` : name;
      if (isLegacy && byName.has(chosen)) {
        throw new Error(`Both ${id} and ${chosen} would be named ${chosen}.`);
      }
      names.set(id, chosen);
    }
  }
  return names;
}

function declarations(files: readonly TypeFile[], names: ReadonlyMap<string, string>, withDocs: boolean): string[] {
  const rendered = new Map<string, string>();
  for (const file of files) {
    const name = names.get(file.id) ?? file.name;
    const body = renamed(file, names);
    const declaration = withDocs ? `${file.docs}export type ${name} = ${body}\n` : plain(name, body);
    rendered.set(name, rendered.get(name) ?? declaration);
  }
  return [...rendered.values()];
}

function plain(name: string, body: string): string {
  return `export type ${name} = ${body.replace(DOC_COMMENT, '').replace(/\s*\n\s*/g, ' ')}`;
}

/** A quoted word is a literal or a key, never a type, so it is matched first and left alone. */
function renamed(file: TypeFile, names: ReadonlyMap<string, string>): string {
  const hasRenames = [...file.imports].some(([local, id]) => names.get(id) !== local);
  return hasRenames
    ? file.body.replace(WORD, (word) => {
        const id = file.imports.get(word);
        return id === undefined ? word : (names.get(id) ?? word);
      })
    : file.body;
}

function requestTable(name: string, purpose: string, requests: readonly RequestMethod[]): string {
  const lines = requests.map(({ method, params, mayOmitParams, response }) => {
    const type = params === null ? 'null | undefined' : mayOmitParams ? `${params} | null | undefined` : params;
    return `  '${method}': { params: ${type}; response: ${response} };`;
  });
  return `\n/** ${purpose} */\nexport interface ${name} {\n${lines.join('\n')}\n}`;
}

function notificationTable({ notifications }: Methods): string {
  const lines = notifications.map(({ method, params }) => `  '${method}': ${params};`);
  return `\n/** What the engine tells its client. */\nexport interface EngineNotifications {\n${lines.join('\n')}\n}`;
}
