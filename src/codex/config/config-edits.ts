import { isDeepStrictEqual } from 'node:util';
import { parse, stringify } from 'smol-toml';
import { type KeySegment, type Statement, toStatements } from './toml-statements.js';

export type TomlTable = Record<string, unknown>;

/** One change that makes a configuration readable for the engine. Paths are those of the user's file. */
export type ConfigEdit =
  | { kind: 'rename-provider'; from: string; to: string }
  | { kind: 'set'; path: readonly string[]; from: string; to: string }
  | { kind: 'leave-out'; path: readonly string[] };

const PROVIDERS = 'model_providers';
/** Stands before a line that the engine is not to see. */
const MARK = '#codex-web-server# ';

/** The changed configuration as values. */
export function applyToTable(table: TomlTable, edits: readonly ConfigEdit[]): TomlTable {
  const changed = structuredClone(table);
  for (const edit of edits) {
    if (edit.kind !== 'rename-provider') {
      applyToOwner(findTable(changed, edit.path.slice(0, -1)), edit);
    }
  }
  for (const edit of edits) {
    if (edit.kind === 'rename-provider') {
      renameProvider(changed, edit.from, edit.to);
    }
  }
  return changed;
}

function applyToOwner(owner: TomlTable | undefined, edit: Exclude<ConfigEdit, { kind: 'rename-provider' }>): void {
  const key = edit.path.at(-1) ?? '';
  if (owner && edit.kind === 'leave-out') {
    Reflect.deleteProperty(owner, key);
  } else if (owner && edit.kind === 'set' && owner[key] === edit.from) {
    owner[key] = edit.to;
  }
}

function renameProvider(table: TomlTable, from: string, to: string): void {
  const providers = findTable(table, [PROVIDERS]);
  if (providers) {
    table[PROVIDERS] = Object.fromEntries(
      Object.entries(providers).map(([id, provider]) => [id === from ? to : id, provider]),
    );
  }
  for (const owner of [table, ...Object.values(findTable(table, ['profiles']) ?? {})]) {
    if (isTable(owner) && owner.model_provider === from) {
      owner.model_provider = to;
    }
  }
}

/** A path of the user's file as it is in the engine's. */
export function toEnginePath(path: readonly string[], edits: readonly ConfigEdit[]): string[] {
  const rename = edits.find(
    (edit) => edit.kind === 'rename-provider' && path[0] === PROVIDERS && path[1] === edit.from,
  );
  return rename?.kind === 'rename-provider' ? [PROVIDERS, rename.to, ...path.slice(2)] : [...path];
}

/** The engine's text of a configuration, and whether it can be taken back to the user's after the engine has edited it. */
export interface EngineText {
  text: string;
  isReversible: boolean;
}

/**
 * The changed configuration as text, with the user's comments and order. A file that is written in a way in which the
 * places can't be found becomes a text of the same meaning, which can't be taken back.
 */
export function applyToText(text: string, table: TomlTable, edits: readonly ConfigEdit[]): EngineText {
  const wanted = applyToTable(table, edits);
  const edited = tryEdit(text, edits, toForwardPatches);
  return edited !== undefined && isDeepStrictEqual(tryParse(edited), normal(wanted))
    ? { text: edited, isReversible: true }
    : { text: stringify(wanted), isReversible: false };
}

/**
 * The user's text again, from the engine's after it has edited it. `undefined` when the result would not mean the same.
 * @param original the user's text before, for how its values were written
 */
export function revertText(text: string, original: string, edits: readonly ConfigEdit[]): string | undefined {
  const literals = toLiterals(original);
  const unmarked = text.replaceAll(MARK, '');
  const reverted = tryEdit(unmarked, edits, (statements, source) =>
    toBackwardPatches(statements, source, { edits, literals }),
  );
  if (reverted === undefined) {
    return undefined;
  }
  const table = tryParse(reverted);
  return table && isDeepStrictEqual(normal(applyToTable(table, edits)), tryParse(text)) ? reverted : undefined;
}

interface Patch {
  start: number;
  end: number;
  text: string;
}

type ToPatches = (statements: readonly Statement[], text: string, edits: readonly ConfigEdit[]) => Patch[];

function tryEdit(text: string, edits: readonly ConfigEdit[], toPatches: ToPatches): string | undefined {
  let statements: Statement[];
  try {
    statements = toStatements(text);
  } catch (error) {
    if (error instanceof RangeError) {
      return undefined;
    }
    throw error;
  }
  return toPatches(statements, text, edits)
    .sort((a, b) => b.start - a.start)
    .reduce((edited, patch) => edited.slice(0, patch.start) + patch.text + edited.slice(patch.end), text);
}

const toForwardPatches: ToPatches = (statements, text, edits) =>
  statements.flatMap((statement) => edits.flatMap((edit) => toForwardPatch(statement, text, edit)));

function toForwardPatch(statement: Statement, text: string, edit: ConfigEdit): Patch[] {
  switch (edit.kind) {
    case 'rename-provider':
      return toRenamePatches(statement, text, edit);
    case 'set':
      return isPairAt(statement, edit.path) ? [{ ...statement.value, text: JSON.stringify(edit.to) }] : [];
    case 'leave-out': {
      const { lineStart } = statement;
      return isPairAt(statement, edit.path) ? [{ start: lineStart, end: lineStart, text: MARK }] : [];
    }
  }
}

interface Original {
  edits: readonly ConfigEdit[];
  literals: Literals;
}

/** How the user has written what is at a path: the value, and the id of a provider in the key. */
interface Literals {
  values: ReadonlyMap<string, string>;
  ids: ReadonlyMap<string, string>;
}

function toLiterals(text: string): Literals {
  const statements = toStatements(text);
  return {
    values: new Map(statements.map((statement) => [JSON.stringify(statement.path), literalOf(statement, text)])),
    ids: new Map(
      statements.flatMap((statement): [string, string][] => {
        const segment = findIdSegment(statement);
        return segment ? [[JSON.stringify(statement.path), text.slice(segment.start, segment.end)]] : [];
      }),
    ),
  };
}

function toBackwardPatches(statements: readonly Statement[], text: string, { edits, literals }: Original): Patch[] {
  return statements.flatMap((statement) =>
    edits.flatMap((edit) => {
      switch (edit.kind) {
        case 'rename-provider':
          return toRenamePatches(statement, text, { from: edit.to, to: edit.from, literals });
        case 'set': {
          const isHere = isPairAt(statement, toEnginePath(edit.path, edits)) && valueOf(statement, text) === edit.to;
          const literal = literals.values.get(JSON.stringify(edit.path)) ?? JSON.stringify(edit.from);
          return isHere ? [{ ...statement.value, text: literal }] : [];
        }
        case 'leave-out':
          return [];
      }
    }),
  );
}

interface Rename {
  from: string;
  to: string;
  /** On the way back. */
  literals?: Literals;
}

/** The id in keys, and as the value of `model_provider`. */
function toRenamePatches(statement: Statement, text: string, rename: Rename): Patch[] {
  const { path, kind } = statement;
  const { from, to, literals } = rename;
  const segment = path[1] === from ? findIdSegment(statement) : undefined;
  if (segment) {
    const users = JSON.stringify([PROVIDERS, to, ...path.slice(2)]);
    return [toKeyPatch(segment, literals?.ids.get(users) ?? toKey(to))];
  }
  const isReference = kind === 'pair' && isReferencePath(path) && valueOf(statement, text) === from;
  return isReference ? [{ ...statement.value, text: toReference(path, rename) }] : [];
}

function toReference(path: readonly string[], { to, literals }: Rename): string {
  const literal = literals?.values.get(JSON.stringify(path));
  const isSame = literal !== undefined && tryParse(`value = ${literal}`)?.value === to;
  return isSame ? literal : JSON.stringify(to);
}

/** Where a statement names a provider in its own key. */
const findIdSegment = ({ path, segments }: Statement): KeySegment | undefined =>
  path[0] === PROVIDERS ? segments[segments.length - path.length + 1] : undefined;

const isReferencePath = (path: readonly string[]): boolean =>
  path.at(-1) === 'model_provider' && (path.length === 1 || (path.length === 3 && path[0] === 'profiles'));

const toKeyPatch = ({ start, end }: KeySegment, text: string): Patch => ({ start, end, text });

const toKey = (name: string): string => (/^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name));

const isPairAt = ({ kind, path }: Statement, wanted: readonly string[]): boolean =>
  kind === 'pair' && isDeepStrictEqual(path, wanted);

const literalOf = ({ value }: Statement, text: string): string => text.slice(value.start, value.end);

/** Of a plain string. */
function valueOf(statement: Statement, text: string): unknown {
  return tryParse(`value = ${literalOf(statement, text)}`)?.value;
}

function tryParse(text: string): TomlTable | undefined {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

/** As the parser makes it: the same kinds of objects and dates. */
const normal = (table: TomlTable): TomlTable | undefined => tryParse(stringify(table));

export const isTable = (value: unknown): value is TomlTable =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

export function findTable(table: TomlTable, path: readonly string[]): TomlTable | undefined {
  let found: unknown = table;
  for (const key of path) {
    found = isTable(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  }
  return isTable(found) ? found : undefined;
}
