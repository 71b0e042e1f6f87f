import { type KeyPath, parseKeyPath, type Setting, toKeyText } from '../engine/key-path.js';

/**
 * Who may set a key of the engine's configuration. `open`: whoever may set any. `ceiling`: in a thread, whoever's ceiling
 * allows its value; in config.toml as `admin`. `admin`: needs `--allow-config-admin`, and in a thread the scope `admin`.
 * `file`: as `admin` in config.toml, and nobody in a thread.
 */
export type KeyAccess = 'open' | 'ceiling' | 'admin' | 'file';

/**
 * Key paths as in config.toml, by who may set them. One that ends in `.**` stands for the key and all within it; any other
 * for exactly that key. The longest that fits counts. What none fits needs `admin`.
 */
export type ConfigKeyTable = Readonly<Record<KeyAccess, readonly string[]>>;

/** What a setting needs. */
export interface Need {
  access: KeyAccess;
  /** The key that needs it, as config.toml would spell it. */
  key: string;
  /** Whether the table has it; what it does not have needs `admin`. */
  isClassified: boolean;
}

interface Node {
  key: string;
  access?: KeyAccess;
  isWhole: boolean;
  children: Map<string, Node>;
}

const FROM_LEAST_TO_MOST: readonly KeyAccess[] = ['open', 'ceiling', 'admin', 'file'];
const WHOLE = '.**';

/** Who may set which key of the engine's configuration. Keys are told apart as the engine does it: by case too. */
export class ConfigKeys {
  readonly #root: Node = toNode('');

  constructor(table: ConfigKeyTable) {
    for (const access of FROM_LEAST_TO_MOST) {
      for (const pattern of table[access]) {
        this.#add(pattern, access);
      }
    }
  }

  /**
   * What a setting needs. A table by itself needs nothing, since each key in it is a setting too; a value in the place of a
   * table needs the most that any key of it does, since it takes them all away.
   */
  needOf({ path, isTable }: Setting): Need {
    const { node, fitting } = this.#find(path);
    if (node === undefined) {
      return fitting === undefined ? unclassified(path) : toNeed(fitting);
    }
    const needs = [...(fitting ? [toNeed(fitting)] : []), ...(isTable ? [] : needsWithin(node))];
    return needs.reduce(more, { access: 'open', key: toKeyText(path), isClassified: true });
  }

  /** The node at the path, and the one whose access counts there: that node, or the nearest above that stands for all within it. */
  #find(path: KeyPath): { node: Node | undefined; fitting: Node | undefined } {
    let node: Node | undefined = this.#root;
    let whole: Node | undefined;
    for (const segment of path) {
      node = node?.children.get(segment);
      if (node?.access !== undefined) {
        whole = node.isWhole ? node : undefined;
      }
    }
    return { node, fitting: node?.access === undefined ? whole : node };
  }

  #add(pattern: string, access: KeyAccess): void {
    const isWhole = pattern.endsWith(WHOLE);
    const key = isWhole ? pattern.slice(0, -WHOLE.length) : pattern;
    let node = this.#root;
    for (const segment of parseKeyPath(key)) {
      const child = node.children.get(segment) ?? toNode(key);
      node.children.set(segment, child);
      node = child;
    }
    if (node.access !== undefined) {
      throw new Error(`${key} is classified twice.`);
    }
    Object.assign(node, { key, access, isWhole });
  }
}

function toNode(key: string): Node {
  return { key, isWhole: false, children: new Map() };
}

function toNeed({ key, access = 'admin' }: Node): Need {
  return { access, key, isClassified: true };
}

function needsWithin({ children }: Node): Need[] {
  return [...children.values()].flatMap((child) => [
    ...(child.access === undefined ? [] : [toNeed(child)]),
    ...needsWithin(child),
  ]);
}

function unclassified(path: KeyPath): Need {
  return { access: 'admin', key: toKeyText(path), isClassified: false };
}

function more(one: Need, other: Need): Need {
  return FROM_LEAST_TO_MOST.indexOf(other.access) > FROM_LEAST_TO_MOST.indexOf(one.access) ? other : one;
}
