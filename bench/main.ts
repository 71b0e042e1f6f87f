/**
 * `npm run bench -- [--quick] [--only NAME]… [--write] [--profile DIR]`: every goal of docs/performance.md, measured
 * against a baseline that is started in the same run.
 */
import { parseArgs } from 'node:util';
import { measureClients } from './measurements/clients.ts';
import { measureDeltas } from './measurements/deltas.ts';
import { measureForeignHistory } from './measurements/foreign-history.ts';
import { measureGateway } from './measurements/gateway.ts';
import { measureGrowth } from './measurements/growth.ts';
import { measureReads } from './measurements/reads.ts';
import { measureResponses } from './measurements/responses.ts';
import { measureFanOut, measureStreamMemory } from './measurements/streams.ts';
import { measureThreadMemory } from './measurements/thread-memory.ts';
import { measureTurns } from './measurements/turns.ts';
import { Bench, type BenchOptions } from './support/bench.ts';
import type { Finding } from './support/finding.ts';
import { endWithThisProcess } from './support/processes.ts';
import { toMarkdown, toTable, writeResults } from './support/report.ts';
import { nowMs } from './support/statistics.ts';

const MEASUREMENTS: Readonly<Record<string, (bench: Bench) => Promise<Finding[]>>> = {
  reads: measureReads,
  'fan-out': measureFanOut,
  'stream-memory': measureStreamMemory,
  clients: measureClients,
  turns: measureTurns,
  deltas: measureDeltas,
  'thread-memory': measureThreadMemory,
  growth: measureGrowth,
  'foreign-history': measureForeignHistory,
  responses: measureResponses,
  gateway: measureGateway,
};

interface Arguments extends BenchOptions {
  names: readonly string[];
  isWriting: boolean;
}

function readArguments(): Arguments {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: Object.keys(MEASUREMENTS) },
      write: { type: 'boolean', default: false },
      profile: { type: 'string' },
    },
  });
  const unknown = values.only.find((name) => !(name in MEASUREMENTS));
  if (unknown !== undefined) {
    throw new Error(`There is no measurement "${unknown}"; there are ${Object.keys(MEASUREMENTS).join(', ')}.`);
  }
  if (values.write && (values.quick || values.only.length < Object.keys(MEASUREMENTS).length)) {
    throw new Error('--write takes a whole run, without --quick and --only.');
  }
  return { names: values.only, isQuick: values.quick, isWriting: values.write, profileDir: values.profile };
}

async function main(): Promise<void> {
  const options = readArguments();
  endWithThisProcess();
  const findings: Finding[] = [];
  for (const name of options.names) {
    const beganMs = nowMs();
    const bench = new Bench(options);
    try {
      findings.push(...((await MEASUREMENTS[name]?.(bench)) ?? []));
    } finally {
      await bench.endAll();
    }
    process.stderr.write(`${name}: ${((nowMs() - beganMs) / 1000).toFixed(1)} s\n`);
  }
  process.stdout.write(toTable(findings));
  if (options.isWriting) {
    writeResults(toMarkdown(findings));
  }
}

await main();
