import { readFileSync } from 'node:fs';

interface Locked {
  dev?: boolean;
  devOptional?: boolean;
  optional?: boolean;
}

interface Manifest {
  license?: string;
  licenses?: { type: string }[];
}

/** Ask for no more than that their text comes along. Of several that are offered, one is enough. */
const PERMISSIVE = ['0BSD', 'Apache-2.0', 'BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'Python-2.0'];

const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

function licencesOf(path: string): string[] {
  const { license, licenses = [] } = read(`${path}/package.json`) as Manifest;
  const stated = license ?? licenses.map(({ type }) => type).join(' OR ');
  return stated === '' ? [licenceInFile(path)] : stated.replace(/[()]/g, '').split(' OR ');
}

/** For the few whose manifest says nothing. */
function licenceInFile(path: string): string {
  const text = readFileSync(`${path}/LICENSE`, 'utf8');
  return /permission is hereby granted, free of charge/i.test(text) ? 'MIT' : '';
}

it('is distributed with packages under permissive licences alone', () => {
  const { packages } = read('package-lock.json') as { packages: Record<string, Locked> };
  // Those for other systems are not installed here; they are built from the same sources as the one that is.
  const shipped = Object.entries(packages).filter(([path, { dev, devOptional, optional }]) => {
    return path !== '' && !dev && !devOptional && !optional;
  });
  expect(shipped.length).toBeGreaterThan(100);
  const others = shipped
    .map(([path]) => `${path}: ${licencesOf(path).join(' OR ')}`)
    .filter((line) => !PERMISSIVE.some((licence) => line.replace(/.*: /, '').split(' OR ').includes(licence)));
  expect(others).toEqual([]);
});
