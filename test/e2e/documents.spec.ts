import { readFileSync } from 'node:fs';
import {
  CLIENT_REQUEST_METHODS,
  NOTIFICATION_METHODS,
  SERVER_REQUEST_METHODS,
} from '../../src/codex/protocol/generated/methods.js';
import { ERROR_CODES, type ErrorCode } from '../../src/core/errors.js';
import { PROBLEM_KINDS } from '../../src/http/problem/problem-kinds.js';
import { DocumentChecker } from '../support/document-checker.js';

const read = (path: string): string => readFileSync(path, 'utf8');
const sectionOf = (text: string, title: string): string => text.split(`\n## ${title}\n`)[1]?.split(/\n## /)[0] ?? '';
const blocksOf = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)\\n\`\`\``, 'gm'))].map(([, block = '']) => block);

describe('MIGRATION.md', () => {
  const text = read('MIGRATION.md');

  it('names only methods and events that there are', () => {
    const events = new DocumentChecker().eventNames;
    const known: readonly string[] = [
      ...CLIENT_REQUEST_METHODS,
      ...NOTIFICATION_METHODS,
      ...SERVER_REQUEST_METHODS,
      ...events,
    ];
    const named = [...text.matchAll(/`([a-z]\w*(?:\/\w+)+)`/g)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('names only endpoints that the document has', () => {
    const shape = (path: string): string => path.replaceAll(/\{\w+\}/g, '{}');
    const known = Object.keys(new DocumentChecker().document.paths).map(shape);
    const [full, cut] = [/(\/api\/v2\/[\w/{}-]+)/g, /`(?:[A-Z]+ )?…(\/[\w/{}-]+)/g].map((pattern) =>
      [...text.matchAll(pattern)].map(([, path = '']) => shape(path)),
    );
    expect(full!.length).toBeGreaterThan(20);
    expect(full!.filter((path) => !known.includes(path))).toEqual([]);
    expect(cut!.filter((end) => !known.some((path) => path.endsWith(end)))).toEqual([]);
  });
});

describe('API.md', () => {
  const text = read('API.md');

  it('is short enough to be read', () => {
    expect(text.split('\n').length).toBeLessThan(800);
  });

  it('shows resources as they are', () => {
    const checker = new DocumentChecker();
    const shown = sectionOf(text, 'Resources')
      .split('\n### ')
      .slice(1)
      .map((part) => [part.split('\n')[0]!, JSON.parse(blocksOf(part, 'json')[0] ?? '{}') as object] as const);
    expect(shown.map(([title]) => title)).toEqual(['A thread', 'A turn', 'An item', 'An approval']);
    const names = ['Thread', 'Turn', 'EngineThreadItem', 'Approval'];
    expect(shown.flatMap(([, example], index) => checker.checkSchema(names[index]!, example))).toEqual([]);
  });

  it('has every error code beside its status', () => {
    const rows = [...sectionOf(text, 'Errors').matchAll(/^\| ([\d, ]+) \| (.*) \|$/gm)];
    const shown = rows.flatMap(([, statuses = '', codes = '']) =>
      [...codes.matchAll(/`([a-z_]+)`/g)].map(([, code = '']) => [code, statuses.split(', ').map(Number)] as const),
    );
    expect(shown.map(([code]) => code).sort()).toEqual([...ERROR_CODES].sort());
    expect(shown.filter(([code, statuses]) => !statuses.includes(PROBLEM_KINDS[code as ErrorCode].status))).toEqual([]);
  });

  it('has only links that lead somewhere', () => {
    const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    );
    const links = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = '']) => anchor);
    expect([...new Set(links)].filter((anchor) => !anchors.includes(anchor))).toEqual([]);
  });
});

describe('the reference', () => {
  it('tells of every event, and of every request of the engine', () => {
    const text = read('docs/reference/events.md');
    const events = [...new DocumentChecker().eventNames, ...NOTIFICATION_METHODS];
    expect(events.filter((name) => !text.includes(`\n### ${name}\n`))).toEqual([]);
    const requests = SERVER_REQUEST_METHODS.filter((name) => !text.includes(`\n### ${name}\n`));
    expect(requests.filter((name) => !text.includes(`\n- \`${name}\`\n`))).toEqual([]);
  });

  it('has every error code with its status', () => {
    const rows = [...read('docs/reference/errors.md').matchAll(/^\| (\d+) \| `([a-z_]+)` \| (.+) \| .+ \|$/gm)];
    const shown = rows.map(([, status, code, title]) => [code, { status: Number(status), title }]);
    expect(Object.fromEntries(shown)).toEqual(PROBLEM_KINDS);
  });
});
