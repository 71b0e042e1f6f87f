import { readFileSync } from 'node:fs';
import { LIMIT_OPTIONS } from '../../../src/settings/options-limits.js';

it('docs/operations.md has each limit on clients with its variable and its default', () => {
  const text = readFileSync('docs/operations.md', 'utf8');
  const rows = [...text.matchAll(/^\| `--([\w-]+)` \| `(\w+)` \| (\w+) \|/gm)].map(([, ...cells]) => cells);
  const counted = LIMIT_OPTIONS.filter((option) => !('list' in option));
  expect(rows).toEqual(counted.map(({ flag, env, defaultHelp }) => [flag, env[0], defaultHelp]));
});
