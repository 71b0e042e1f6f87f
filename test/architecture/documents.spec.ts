import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { toHelpText } from '../../src/settings/help.js';
import { DOCUMENTS, type Link, readAnchors, readBlocks, readLinks, readProse } from '../support/documents.js';

const prose = DOCUMENTS.map((document) => [document, readProse(document)] as const);

/** Of npm, and of this project's own scripts. */
const FLAGS_OF_OTHERS = ['--omit', '--keep', '--only', '--profile', '--write'];

/** All that a pattern finds, with where it stands. */
const find = (pattern: RegExp): (readonly [document: string, found: string])[] =>
  prose.flatMap(([document, text]) =>
    [...text.matchAll(pattern)].map(([whole, found]) => [document, found ?? whole] as const),
  );

function leadsSomewhere({ document, target }: Link): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? document : join(dirname(document), path);
  return existsSync(file) && (anchor === undefined || readAnchors(file).has(anchor));
}

it('docs/architecture.md lists every folder', () => {
  const tree = readBlocks('docs/architecture.md')[0]?.text ?? '';
  const folders = globSync(['src/*/', 'src/core/*/', 'src/compat/*/', 'test/*/', 'clients/*/']).filter((path) =>
    statSync(path).isDirectory(),
  );
  expect(folders.length).toBeGreaterThan(30);
  expect(folders.filter((path) => !tree.includes(`${basename(path)}/`))).toEqual([]);
});

describe('the documents', () => {
  it('have only links that lead somewhere', () => {
    const links = DOCUMENTS.flatMap((document) => readLinks(document));
    expect(links.length).toBeGreaterThan(50);
    expect(links.filter((link) => !leadsSomewhere(link))).toEqual([]);
  });

  it('show JSON that is JSON', () => {
    const shown = DOCUMENTS.flatMap((document) => readBlocks(document)).filter(({ language }) => language === 'json');
    expect(shown.length).toBeGreaterThan(5);
    for (const { text } of shown) {
      expect(() => JSON.parse(text) as unknown).not.toThrow();
    }
  });

  it('name only files that are there', () => {
    const named = find(/`((?:src|test|docs|deploy|scripts|bench|clients)\/[\w./*-]+)`/g);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter(([, path]) => globSync(path).length === 0)).toEqual([]);
  });

  it('name only scripts that npm can run', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
    const named = find(/npm run ([\w:]+)/g);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter(([, name]) => !(name in scripts))).toEqual([]);
  });

  it('name only endpoints that are there', () => {
    const { paths } = JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as { paths: Record<string, object> };
    const shape = (path: string): string => path.replaceAll(/\{\w+\}/g, '{}').replace(/[?/]+$/, '');
    const known = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${shape(path)}`),
    );
    const named = find(/\b((?:GET|POST|PUT|PATCH|DELETE) \/(?:api|v1|messages|health|livez|readyz|metrics)[\w/{}-]*)/g);
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter(([, endpoint]) => !known.includes(shape(endpoint)))).toEqual([]);
  });

  it('name only flags that are there', () => {
    const known = [...(toHelpText().match(/--[a-z-]+/g) ?? []), ...FLAGS_OF_OTHERS];
    const named = find(/`(--[a-z][a-z-]+)[^`]*`/g);
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter(([, flag]) => !known.includes(flag))).toEqual([]);
  });
});
