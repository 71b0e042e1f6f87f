import { createServer } from 'node:net';
import { once } from 'node:events';
import { constants, accessSync, existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { requireEngineBinary } from '../codex/engine-binary.js';
import { findPathFaults } from '../settings/path-faults.js';
import { readOwnSettings } from '../settings/read-own-settings.js';
import { type ReadSettings } from '../settings/parse-settings.js';
import { type Environment, type SettingValues } from '../settings/settings.js';
import { examineRunning } from './examine-running.js';
import { examineTrust } from './examine-trust.js';
import { type Finding, toReport } from './finding.js';

const GIBIBYTE = 1024 ** 3;
const LEAST_FREE_BYTES = GIBIBYTE;

export const DOCTOR_HELP = `Usage: codex-web-server doctor [flags of the server]

Looks at everything that a server with these flags needs, on this machine, and says what to do about what is missing.
Changes nothing, and may run beside a server. Exits with 0 when the server can work, else with 1.
`;

/** `codex-web-server doctor …`: what it prints, and whether the server can work. */
export async function runDoctor(
  argv: readonly string[],
  env: Environment,
): Promise<{ text: string; isHealthy: boolean }> {
  if (argv.includes('--help') || argv.includes('-h')) {
    return { text: DOCTOR_HELP, isHealthy: true };
  }
  const read = readOwnSettings(argv, env);
  const faults = [...read.faults, ...findPathFaults(read.values)];
  const findings: Finding[] = [
    { name: 'Node', state: 'ok', detail: process.versions.node },
    ...examineSettings(faults, read),
    examineDataDir(read.values),
    await examinePort(read.values),
    examineBinary(read.values),
  ];
  // Where these are wrong, the engine would only say the same again.
  if (findings.every(({ state }) => state !== 'failed')) {
    findings.push(...examineTrust(read.values.codexHome), ...(await examineRunning(read)));
  }
  return { text: toReport(findings), isHealthy: findings.every(({ state }) => state !== 'failed') };
}

function examineSettings(faults: readonly string[], { token, values }: ReadSettings): Finding[] {
  if (faults.length > 0) {
    return faults.map((detail) => ({ name: 'Settings', state: 'failed', detail }));
  }
  const source = {
    env: 'from the environment',
    file: 'from a file',
    'data-dir': 'its digest is kept in the data directory',
  };
  return [
    { name: 'Settings', state: 'ok', detail: `codex home ${values.codexHome}` },
    { name: 'Token', state: 'ok', detail: source[token?.from ?? 'data-dir'] },
  ];
}

function examineDataDir({ dataDir }: SettingValues): Finding {
  const name = 'Data directory';
  const existing = existingParent(dataDir);
  try {
    accessSync(existing, constants.W_OK | constants.X_OK);
  } catch {
    const advice = 'change its mode or owner, or name another folder with --data-dir';
    return { name, state: 'failed', detail: `${existing} can't be written`, advice };
  }
  const { bavail, bsize } = statfsSync(existing);
  const free = `${((bavail * bsize) / GIBIBYTE).toFixed(1)} GiB free`;
  if (bavail * bsize < LEAST_FREE_BYTES) {
    return { name, state: 'warning', detail: `${dataDir}, only ${free}`, advice: 'make room, or keep fewer events' };
  }
  return { name, state: 'ok', detail: `${dataDir}${existing === dataDir ? '' : ' (to be made)'}, ${free}` };
}

function existingParent(path: string): string {
  return existsSync(path) ? path : existingParent(dirname(path));
}

async function examinePort({ host, port }: SettingValues): Promise<Finding> {
  const name = 'Port';
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return { name, state: 'ok', detail: port === 0 ? 'a free one is picked' : `${host}:${String(port)} is free` };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      const advice = 'fine if that is this server; else choose another --port';
      return { name, state: 'warning', detail: `${host}:${String(port)} is in use`, advice };
    }
    return {
      name,
      state: 'failed',
      detail: `${host}:${String(port)}: ${String(code)}`,
      advice: 'see --host and --port',
    };
  } finally {
    server.close();
  }
}

function examineBinary({ codexPath }: SettingValues): Finding {
  try {
    return { name: 'Engine', state: 'ok', detail: requireEngineBinary(codexPath ?? undefined) };
  } catch (error) {
    return { name: 'Engine', state: 'failed', detail: error instanceof Error ? error.message : String(error) };
  }
}
