import { readFileSync } from 'node:fs';

interface Manifest {
  version: string;
  devDependencies: Record<string, string>;
}

const read = (path: string): string => readFileSync(path, 'utf8');
const readJson = (path: string): Manifest => JSON.parse(read(path)) as Manifest;

const { version, devDependencies } = readJson('package.json');

describe('the version', () => {
  it('is the same in the lock file, the clients and the OpenAPI document', () => {
    const document = JSON.parse(read('docs/openapi.json')) as { info: Manifest };
    const versions = {
      lock: readJson('package-lock.json').version,
      typescript: readJson('clients/typescript/package.json').version,
      python: /^version = "(.*)"$/m.exec(read('clients/python/pyproject.toml'))?.[1],
      document: document.info.version,
    };
    expect(versions).toEqual({ lock: version, typescript: version, python: version, document: version });
  });

  it('is the newest one of CHANGELOG.md, after what is not released', () => {
    const titles = [...read('CHANGELOG.md').matchAll(/^## \[(.+?)\](.*)$/gm)];
    expect(titles.map(([, name]) => name).slice(0, 2)).toEqual(['Unreleased', version]);
    expect(titles.slice(1).filter(([, , date = '']) => !/^ - \d{4}-\d\d-\d\d$/.test(date))).toEqual([]);
  });

  it('of Node is the same for nvm as in the development dependencies', () => {
    expect(read('.nvmrc').trim()).toBe(devDependencies.node);
  });
});
