#!/usr/bin/env node
import { once } from 'node:events';
import { toFailureText } from './failure-text.js';
import { createLogger } from './http/logging/logger.js';
import { type startServer as Start } from './server.js';
import { toBanner } from './settings/banner.js';
import { takeEnvironment } from './settings/hidden-environment.js';
import { toHelpText } from './settings/help.js';
import { loadSettings } from './settings/load-settings.js';
import { toSecretNotices } from './settings/secret-notices.js';
import { type Settings } from './settings/settings.js';
import { SettingsError } from './settings/settings-error.js';

/** The first one that can pass over an upgrade which a client offers. */
const MIN_NODE = [24, 9] as const;
const EXIT_FAILED = 1;
const EXIT_BAD_SETTINGS = 2;

async function main(): Promise<number> {
  if (!isNodeSupported(process.versions.node)) {
    process.stderr.write(
      `codex-web-server needs Node ${MIN_NODE.join('.')} or newer; this is ${process.versions.node}.\n`,
    );
    return EXIT_FAILED;
  }
  const { env, exposure } = takeEnvironment();
  const [command, ...rest] = process.argv.slice(2);
  if (command === 'token') {
    const { runTokenCommand } = await import('./cli/token.js');
    const { text, note } = runTokenCommand(rest, env);
    process.stderr.write(note);
    process.stdout.write(text);
    return 0;
  }
  if (command === 'doctor') {
    const { runDoctor } = await import('./cli/doctor.js');
    const { text, isHealthy } = await runDoctor(rest, env);
    process.stdout.write(text);
    return isHealthy ? 0 : EXIT_FAILED;
  }
  const settings = loadSettings(process.argv.slice(2), env);
  if (settings === 'help') {
    process.stdout.write(toHelpText());
    return 0;
  }
  // Only now, since it takes a second that nobody waits for who asked for help or mistyped a flag.
  const { serverVersion, startServer } = await import('./server.js');
  if (settings === 'version') {
    process.stdout.write(`${serverVersion()}\n`);
    return 0;
  }
  return run(settings, startServer, toSecretNotices(settings, env, exposure));
}

async function run(settings: Settings, startServer: typeof Start, notices: readonly string[]): Promise<number> {
  const { logger, flush } = createLogger(settings.logLevel);
  try {
    for (const notice of notices) {
      logger.warn(notice);
    }
    const server = await startServer(settings, logger);
    process.stdout.write(toBanner(settings, server));
    await untilAskedToStop();
    await server.stop(settings.shutdownTimeoutMs);
    return 0;
  } finally {
    flush();
  }
}

function isNodeSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1]);
}

/** The first signal starts the shutdown; a second one ends the process at once. */
async function untilAskedToStop(): Promise<void> {
  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => process.exit(EXIT_FAILED));
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    if (error instanceof SettingsError) {
      process.stderr.write(`codex-web-server can't start:\n${error.faults.map((fault) => `  - ${fault}\n`).join('')}`);
      process.exit(EXIT_BAD_SETTINGS);
    }
    process.stderr.write(`codex-web-server failed: ${toFailureText(error)}\n`);
    process.exit(EXIT_FAILED);
  },
);
