import { paint, print, toSeconds } from './terminal.js';

export const USAGE = `Usage: npm run demo [-- --keep]

  --keep   leaves the server up afterwards, and says how to call it, until Ctrl-C
  --help   prints this
`;

export function printWelcome(): void {
  print(paint('bold', 'codex-web-server: the main job in seven steps'));
  print();
  print('The server, the Codex engine, its sandbox and every call below are real. The model is not: it is');
  print('scripted, no language model, and does what the messages say (say:, run:, patch: …).');
  print('So this needs no key and no network.');
}

export interface StepTime {
  title: string;
  durationMs: number;
}

export function printTimes(times: readonly StepTime[], eventCount: number): void {
  const totalMs = times.reduce((sum, { durationMs }) => sum + durationMs, 0);
  print(paint('bold', `\nAll of it worked: ${String(eventCount)} events in ${toSeconds(totalMs)}\n`));
  for (const { title, durationMs } of times) {
    print(`   ${title.padEnd(25)} ${paint('dim', toSeconds(durationMs).padStart(7))}`);
  }
}

export function printNextSteps(): void {
  print(paint('bold', '\nWhat next\n'));
  print('   npm run demo -- --keep    the same, and the server stays up for you to try');
  print('   npm start                 with your own Codex login, models and config.toml, on port 3000');
  print('   npm start -- --help       every setting; once it runs, its documentation is at /docs');
}

/** How to go on by hand with a server that is left running. */
export function printHandles(url: string, token: string, threadPath: string): void {
  print(paint('bold', '\nThe server stays up\n'));
  print(`   URL    ${url}`);
  print(`   token  ${token}`);
  print(`   docs   ${url}/docs`);
  print(paint('dim', '\n   To paste: the thread from above, its events from the first on, and a turn of your own.\n'));
  print(`   TOKEN=${token}`);
  print(`   THREAD=${url}${threadPath}`);
  print(`   curl -sH "Authorization: Bearer $TOKEN" $THREAD`);
  print(`   curl -sNH "Authorization: Bearer $TOKEN" "$THREAD/events?after=0" &`);
  print(`   curl -sH "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' $THREAD/turns \\`);
  print(`     -d '{"input":[{"type":"text","text":"run: date\\nsay: That is the time."}]}'`);
  print('\nCtrl-C ends it and removes its folders.');
}
