import { type core, type ZodType } from 'zod';

type Issue = core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Whether a field that the schema does not know can be left out; its path is as in `tools[].cache_control`. */
export type CanIgnore = (path: string, value: unknown) => boolean;

export type LenientResult<T> =
  | { success: true; data: T; ignored: readonly string[] }
  /** Without those that leaving something out would have mended. */
  | { success: false; issues: readonly Issue[] };

/** Leaving something out may show a fault that stood behind it; no request that exists needs more rounds. */
const MAX_ROUNDS = 8;

/** What the schema makes of a value without the unknown fields that can be left out, if nothing else is wrong with it. */
export function lenientParse<T>(schema: ZodType<T>, value: unknown, canIgnore: CanIgnore): LenientResult<T> {
  const ignored = new Set<string>();
  let rest = value;
  for (let round = 0; ; round += 1) {
    const result = schema.safeParse(rest, { reportInput: true });
    if (result.success) {
      return { success: true, data: result.data, ignored: [...ignored] };
    }
    const search: Search = { canIgnore, whole: rest };
    const issues = result.error.issues.flatMap((issue) => toFaults(issue, search));
    if (issues.length > 0 || round === MAX_ROUNDS) {
      return { success: false, issues: issues.length > 0 ? issues : result.error.issues };
    }
    const cuts = findCuts(result.error.issues, [], search) ?? [];
    for (const path of cuts) {
      ignored.add(toShape(path));
    }
    rest = without(rest, toTree(cuts));
  }
}

interface Search {
  canIgnore: CanIgnore;
  whole: unknown;
}

/** What is to be left out so that none of the issues remains; `undefined` where that can't be. */
function findCuts(issues: readonly Issue[], parent: Path, search: Search): Path[] | undefined {
  const cuts: Path[] = [];
  for (const issue of issues) {
    const own = toCuts(issue, [...parent, ...issue.path], search);
    if (!own) {
      return undefined;
    }
    cuts.push(...own);
  }
  return cuts;
}

function toCuts(issue: Issue, path: Path, search: Search): Path[] | undefined {
  if (issue.code === 'unrecognized_keys') {
    const unknown = issue.keys.map((key) => [...path, key]);
    return unknown.every((one) => canBeLeftOut(one, search)) ? unknown : undefined;
  }
  if (issue.code !== 'invalid_union') {
    return undefined;
  }
  const ways = issue.errors.filter(({ length }) => length > 0).map((way) => findCuts(way, path, search));
  return ways.find((way) => way !== undefined);
}

/** Of an issue of the whole: what is wrong although everything is left out that can be. */
function toFaults(issue: Issue, search: Search): Issue[] {
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.filter((key) => !canBeLeftOut([...issue.path, key], search));
    return keys.length > 0 ? [{ ...issue, keys }] : [];
  }
  return toCuts(issue, issue.path, search) ? [] : [issue];
}

function canBeLeftOut(path: Path, { canIgnore, whole }: Search): boolean {
  return canIgnore(toShape(path), valueAt(whole, path));
}

/** `['tools', 3, 'strict']` → `tools[].strict`: the same for each element of a list. */
function toShape(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') {
      return `${text}[]`;
    }
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}

function valueAt(whole: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Record<PropertyKey, unknown>)[key]
        : undefined,
    whole,
  );
}

/** What is left out below a place; `null`: the place itself. */
type Tree = Map<PropertyKey, Tree | null>;

function toTree(paths: readonly Path[]): Tree {
  const root: Tree = new Map();
  for (const path of paths) {
    let at: Tree | null = root;
    for (const [index, key] of path.entries()) {
      if (index === path.length - 1) {
        at.set(key, null);
        break;
      }
      const below: Tree | null = at.get(key) ?? (at.has(key) ? null : new Map());
      at.set(key, below);
      if (!below) {
        break;
      }
      at = below;
    }
  }
  return root;
}

/** A copy, as far as something changes in it. */
function without(value: unknown, tree: Tree): unknown {
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const kept = <K extends PropertyKey>(key: K, part: unknown): [K, unknown][] => {
    const below = tree.get(key);
    return below === null ? [] : [[key, below ? without(part, below) : part]];
  };
  return Array.isArray(value)
    ? value.flatMap((part, index) => kept(index, part).map(([, one]) => one))
    : Object.fromEntries(Object.entries(value).flatMap(([key, part]) => kept(key, part)));
}
