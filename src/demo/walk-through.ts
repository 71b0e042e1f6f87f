import { parseArgs } from 'node:util';
import { ApiClient } from './api-client.js';
import { Conversation } from './conversation.js';
import { DemoServer } from './demo-server.js';
import { Scratch } from './scratch.js';
import { createThread, STEPS } from './steps.js';
import { paint, print, printHeading, toSeconds } from './terminal.js';
import { printHandles, printNextSteps, printTimes, printWelcome, type StepTime, USAGE } from './words.js';

const EXIT_FAILED = 1;
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Resolves with the exit code. Whatever happens, no process and no folder is left behind. */
async function main(): Promise<number> {
  const { values } = parseArgs({ options: { keep: { type: 'boolean' }, help: { type: 'boolean' } } });
  if (values.help === true) {
    process.stdout.write(USAGE);
    return 0;
  }
  const asked = untilAskedToStop();
  const scratch = new Scratch();
  const server = new DemoServer(scratch);
  process.once('exit', () => {
    server.kill();
    scratch.remove();
  });
  try {
    return await run(server, scratch, { isKept: values.keep === true, asked });
  } catch (error) {
    process.stderr.write(toFailure(error, server.output));
    return EXIT_FAILED;
  } finally {
    await server.stop();
  }
}

/** Only the first signal counts: under npm, one Ctrl-C may come as two. The stop takes a few seconds at most. */
async function untilAskedToStop(): Promise<'asked'> {
  return new Promise((resolve) => {
    for (const signal of STOP_SIGNALS) {
      process.on(signal, () => {
        resolve('asked');
      });
    }
    // Whoever reads this has left, as `head` does.
    process.stdout.on('error', () => {
      resolve('asked');
    });
  });
}

interface Wishes {
  isKept: boolean;
  /** Resolves when somebody wants this to end. */
  asked: Promise<'asked'>;
}

async function run(server: DemoServer, scratch: Scratch, { isKept, asked }: Wishes): Promise<number> {
  const conversation = await Promise.race([walk(server, scratch), asked]);
  if (conversation === 'asked') {
    print('\nInterrupted.');
    return EXIT_FAILED;
  }
  if (!isKept) {
    printNextSteps();
    return 0;
  }
  printHandles(await server.listening(), server.token, conversation.path);
  const reason = await Promise.race([server.ended, asked]);
  if (reason !== 'asked') {
    throw new Error(reason);
  }
  return 0;
}

async function walk(server: DemoServer, scratch: Scratch): Promise<Conversation> {
  const times: StepTime[] = [];
  const timed = async <T>(title: string, run: () => Promise<T>): Promise<T> => {
    const startedAt = performance.now();
    const result = await run();
    times.push({ title, durationMs: performance.now() - startedAt });
    return result;
  };
  printWelcome();
  const url = await timed('Start of the server', () => server.listening());
  print(`\n   server     ${url}  ${paint('dim', `up in ${toSeconds(times[0]?.durationMs ?? 0)}`)}`);
  print(`   workspace  ${scratch.workspace}`);

  const api = new ApiClient(url, server.token);
  printHeading(1, 'Create a thread', 'Its commands may write to the workspace, and nowhere else.');
  const path = await timed('Create a thread', () => createThread(api));
  const conversation = new Conversation(api, path, scratch.workspace);
  for (const [index, { title, remark, run }] of STEPS.entries()) {
    printHeading(index + 2, title, remark);
    await timed(title, () => run(conversation));
  }
  printTimes(times, conversation.lastId);
  return conversation;
}

function toFailure(error: unknown, serverOutput: string): string {
  const message = error instanceof Error ? error.message : String(error);
  return `\n✗ The demo failed: ${message}\n\nThe server's last words:\n${serverOutput}\n`;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(EXIT_FAILED);
  },
);
