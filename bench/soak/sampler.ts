import { readdirSync, readFileSync, statSync } from 'node:fs';
import { nowMs, percentile } from '../support/statistics.ts';
import { collectGarbage } from '../support/inspector.ts';
import type { Service } from './service.ts';

const MEBIBYTE = 1024 * 1024;
const PROBES = 40;

/** What a server and its engine take up at one moment. */
export interface Sample {
  /** After its garbage was collected. */
  serverMb: number;
  serverFiles: number;
  /** The engine's processes without their children. */
  engineMb: number;
  engineFiles: number;
  engines: number;
  /** MCP servers and commands. */
  children: number;
  loadedThreads: number;
  databaseMb: number;
  /** How long /livez takes, which waits for nothing but the server's event loop. */
  latencyMs: number;
}

export interface SampledServer {
  pid: number;
  dataDir: string;
  inspectorUrl: string;
}

interface Process {
  pid: number;
  parent: number;
}

/** Takes samples of a running server. Linux only: it reads /proc. */
export class Sampler {
  readonly #service: Service;
  readonly #server: SampledServer;

  constructor(service: Service, server: SampledServer) {
    this.#service = service;
    this.#server = server;
  }

  async take(): Promise<Sample> {
    const { pid: serverPid, dataDir, inspectorUrl } = this.#server;
    const latencyMs = await this.#latencyMs();
    const processes = readProcesses();
    const engines = processes.filter(({ parent }) => parent === serverPid).map(({ pid }) => pid);
    const all = descendantsOf(serverPid, processes);
    const loaded = JSON.parse(await this.#service.get('/api/v2/threads/loaded?limit=100')) as { data: unknown[] };
    await collectGarbage(inspectorUrl);
    return {
      serverMb: residentMb(serverPid),
      serverFiles: openFiles(serverPid),
      engineMb: sum(engines.map(residentMb)),
      engineFiles: sum(engines.map(openFiles)),
      engines: engines.length,
      children: all.length - engines.length,
      loadedThreads: loaded.data.length,
      databaseMb: folderMb(dataDir),
      latencyMs,
    };
  }

  async #latencyMs(): Promise<number> {
    const times: number[] = [];
    for (let probe = 0; probe < PROBES; probe += 1) {
      const beganMs = nowMs();
      await this.#service.get('/livez');
      times.push(nowMs() - beganMs);
    }
    return percentile(times, 95);
  }
}

function readProcesses(): Process[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    const stat = read(`/proc/${pid}/stat`);
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return stat === '' || state === 'Z' ? [] : [{ pid: Number(pid), parent: Number(parent) }];
  });
}

function descendantsOf(pid: number, processes: readonly Process[]): Process[] {
  const children = processes.filter(({ parent }) => parent === pid);
  return children.flatMap((child) => [child, ...descendantsOf(child.pid, processes)]);
}

function residentMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${String(pid)}/status`))?.[1] ?? 0) / 1024;
}

function openFiles(pid: number): number {
  try {
    return readdirSync(`/proc/${String(pid)}/fd`).length;
  } catch {
    return 0;
  }
}

/** Processes come and go while they are looked at. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function folderMb(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const sizes = files.map((name) => statSync(`${folder}/${name}`, { throwIfNoEntry: false })?.size ?? 0);
  return sum(sizes) / MEBIBYTE;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
