/**
 * `npm run soak -- [--minutes M] [--engines N] [--threads N]`: a real server with the real engine and the scripted model,
 * under what clients do all day, with short settings, so that threads are unloaded and engine processes replaced all the
 * time. Prints what the processes take up, and ends with 1 if that grows or anything went wrong. Linux only.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { ModelMethods } from '../children/model.ts';
import { Child } from '../support/child.ts';
import { endWithThisProcess } from '../support/processes.ts';
import { Scratch } from '../support/scratch.ts';
import { Server } from '../support/server.ts';
import { nowMs } from '../support/statistics.ts';
import { findInspectorUrl } from '../support/inspector.ts';
import { toRow, toSeries, toVerdictTable } from './report.ts';
import { type Sample, Sampler } from './sampler.ts';
import { Service } from './service.ts';
import { judge } from './verdict.ts';
import { Workload } from './workload.ts';

const MCP_SERVER = fileURLToPath(new URL('./mcp-server.sh', import.meta.url));
const SAMPLES = 40;
const MIN_INTERVAL_MS = 2_000;

interface Options {
  minutes: number;
  engines: number;
  threads: number;
}

function readArguments(): Options {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '5' },
      engines: { type: 'string', default: '2' },
      threads: { type: 'string', default: '60' },
    },
  });
  const options = {
    minutes: Number(values.minutes),
    engines: Number(values.engines),
    threads: Number(values.threads),
  };
  if (!(options.minutes >= 0.5 && options.engines >= 1 && options.threads >= 10)) {
    throw new Error('--minutes takes at least 0.5, --engines at least 1, --threads at least 10.');
  }
  return options;
}

/** Everything happens many times within minutes that otherwise happens within days. */
function toFlags({ engines }: Options): string[] {
  return [
    ...['--engines', String(engines), '--engine-max-memory', String(230 * 1024 * 1024)],
    ...['--engine-check-interval', '2', '--idle-thread-timeout', '3', '--event-retention-count', '500'],
  ];
}

async function main(): Promise<void> {
  const options = readArguments();
  endWithThisProcess();
  const model = new Child<ModelMethods>(new URL('../children/model.ts', import.meta.url));
  const scratch = await Scratch.create(await model.call('baseUrl'));
  const config = `[mcp_servers.soak]\ncommand = "/bin/sh"\nargs = [${JSON.stringify(MCP_SERVER)}]\n`;
  appendFileSync(join(scratch.codexHome, 'config.toml'), config);
  const server = await Server.start(scratch, { nodeArgs: ['--inspect=127.0.0.1:0'], args: toFlags(options) });
  const service = new Service(server.url);
  const workload = new Workload(service, { workers: 4, threads: options.threads, streams: 40 });
  const samples: Sample[] = [];
  const readLog = (): string => readFileSync(join(scratch.root, 'server.log'), 'utf8');
  try {
    const done = workload.run();
    const { pid } = server;
    const sampler = new Sampler(service, { pid, dataDir: scratch.dataDir, inspectorUrl: findInspectorUrl(readLog()) });
    await takeSamples(sampler, options.minutes * 60_000, samples);
    workload.end();
    await done;
    process.exitCode = report(samples, workload, await service.get('/metrics')) ? 0 : 1;
  } catch (error) {
    process.stderr.write(readLog().slice(-4000));
    throw error;
  } finally {
    await server.stop();
    await model.end();
    scratch.remove();
  }
}

async function takeSamples(sampler: Sampler, durationMs: number, samples: Sample[]): Promise<void> {
  const beganMs = nowMs();
  const intervalMs = Math.max(MIN_INTERVAL_MS, durationMs / SAMPLES);
  for (let at = intervalMs; at <= durationMs; at += intervalMs) {
    await wait(Math.max(0, beganMs + at - nowMs()));
    const sample = await sampler.take();
    samples.push(sample);
    process.stdout.write(toRow(sample, samples.length, (nowMs() - beganMs) / 1000));
  }
}

/** Whether all is well. */
function report(samples: readonly Sample[], { counts, failures }: Workload, metrics: string): boolean {
  const verdicts = toSeries(samples).map(judge);
  process.stdout.write(toVerdictTable(verdicts));
  const engine = metrics
    .split('\n')
    .filter((line) => /^codex_web_engine_(restarts|recycles|orphans_ended)_total/.test(line));
  process.stdout.write(`${JSON.stringify(counts)}\n${engine.join('\n')}\n`);
  process.stdout.write(failures.length === 0 ? 'Nothing went wrong.\n' : `${String(failures.length)} failures:\n`);
  for (const failure of failures.slice(0, 10)) {
    process.stdout.write(`  ${failure}\n`);
  }
  return failures.length === 0 && verdicts.every(({ isFlat }) => isFlat);
}

await main();
