/**
 * `npm run fault -- [--rounds N] [--seed S] [--engines N] [--keep]`: kills the server and its engine at seeded moments while clients
 * work with them, and checks after each round that nothing which was promised is lost. Exits with 1 when something is.
 * A round's seed settles what happens in it, as far as the clocks of several processes can be settled. `--keep` leaves
 * the folders and the log of a round that failed.
 */
import { parseArgs } from 'node:util';
import { addFigures, newFigures, toText } from './figures.ts';
import { playRound } from './round.ts';
import { endWithThisProcess } from './world.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    engines: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
  },
});
const [rounds, firstSeed] = [toNumber('rounds', values.rounds), toNumber('seed', values.seed)];
endWithThisProcess();
const args = ['--engines', String(toNumber('engines', values.engines))];
const failedSeeds: number[] = [];
let sum = newFigures();
for (let seed = firstSeed; seed < firstSeed + rounds; seed += 1) {
  const { figures, violations, root } = await playRound(seed, { isKeeping: values.keep, args });
  sum = addFigures(sum, figures);
  if (violations.length > 0) {
    failedSeeds.push(seed);
    const where = root === undefined ? '' : `; its folders are in ${root}`;
    print(`round with seed ${String(seed)} failed${where}\n${violations.map((text) => `  ${text}\n`).join('')}`);
  }
}
print(`${toText(sum)}\n`);
for (const seed of failedSeeds) {
  print(`repeat it with: npm run fault -- --rounds 1 --seed ${String(seed)}\n`);
}
process.exitCode = failedSeeds.length > 0 ? 1 : 0;

function print(text: string): void {
  process.stdout.write(text);
}

function toNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw new Error(`--${name} takes a whole number, not ${JSON.stringify(text)}.`);
  }
  return Number(text);
}
