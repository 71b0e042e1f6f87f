import { globSync, readFileSync } from 'node:fs';

/** Everything that is written for people. */
export const DOCUMENTS: readonly string[] = globSync([
  '*.md',
  'docs/**/*.md',
  'clients/*/README.md',
  'deploy/**/*.md',
]).sort();

/** What is between two fences, and where it stands. */
export interface Block {
  document: string;
  /** Of its first fence, counted from 1. */
  line: number;
  /** The title of the `##` section that it is in. */
  section: string;
  language: string;
  text: string;
  /** Why it can't be run without a network, as a comment above it says. */
  reason: string | undefined;
}

export interface Link {
  document: string;
  line: number;
  target: string;
}

const MARK = /^\s*<!-- not run offline: (.+) -->$/;

interface Line {
  text: string;
  number: number;
}

interface Divided {
  prose: Line[];
  blocks: Block[];
}

const divided = new Map<string, Divided>();

/** The lines outside of fences, and the blocks inside of them. Each document is read once. */
function divide(document: string): Divided {
  const known = divided.get(document) ?? parse(document);
  divided.set(document, known);
  return known;
}

function parse(document: string): Divided {
  const prose: Line[] = [];
  const blocks: Block[] = [];
  let open: Block | undefined;
  let section = '';
  let indent = 0;
  for (const [index, text] of readFileSync(document, 'utf8').split('\n').entries()) {
    const fence = /^( *)```(\w*)/.exec(text);
    if (open !== undefined) {
      if (fence === null) {
        open.text += `${text.slice(indent)}\n`;
      } else {
        blocks.push(open);
        open = undefined;
      }
    } else if (fence !== null) {
      indent = fence[1]?.length ?? 0;
      open = {
        document,
        line: index + 1,
        section,
        language: fence[2] ?? '',
        text: '',
        reason: reasonAbove(prose, index),
      };
    } else {
      prose.push({ text, number: index + 1 });
      section = /^## (.*)$/.exec(text)?.[1] ?? section;
    }
  }
  return { prose, blocks };
}

/** `line` is that of the fence, from 0; a blank line between is allowed. */
function reasonAbove(prose: readonly Line[], line: number): string | undefined {
  const above = prose.slice(-2).filter(({ number }) => number >= line - 1);
  return MARK.exec(above.findLast(({ text }) => text.trim() !== '')?.text ?? '')?.[1];
}

export const readBlocks = (document: string): Block[] => divide(document).blocks;

/** The document without its blocks. */
export const readProse = (document: string): string =>
  divide(document)
    .prose.map(({ text }) => text)
    .join('\n');

/** Links to files and headings of the project; those that leave it are not followed. */
export function readLinks(document: string): Link[] {
  return divide(document).prose.flatMap(({ text, number }) =>
    [...text.matchAll(/\]\(([^()\s]+)\)/g)]
      .map(([, target = '']) => ({ document, line: number, target }))
      .filter(({ target }) => !/^[a-z]+:/.test(target)),
  );
}

const anchors = new Map<string, ReadonlySet<string>>();

/** What `#…` may name, as GitHub makes it of titles. */
export function readAnchors(document: string): ReadonlySet<string> {
  const known = anchors.get(document) ?? new Set(toAnchors(document));
  anchors.set(document, known);
  return known;
}

function toAnchors(document: string): string[] {
  return divide(document)
    .prose.flatMap(({ text }) => /^#+ (.*)$/.exec(text)?.[1] ?? [])
    .map((title) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\-_ ]/gu, '')
        .replaceAll(' ', '-'),
    );
}
