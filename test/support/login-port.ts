import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** An abstract socket: it is gone with its process, however that ends. */
const NAME = '\0codex-web-test-login';
const RETRY_MS = 20;

/**
 * A login in the browser has the engine listen on a port that is the same on the whole machine, and a second one ends the
 * first. So whoever tries one waits here until nobody else does. Resolves with what lets the next one in.
 */
export async function holdLoginPort(): Promise<() => Promise<void>> {
  for (;;) {
    const server = createServer();
    const isHeld = await new Promise<boolean>((resolve) => {
      server.once('error', () => {
        resolve(false);
      });
      server.listen(NAME, () => {
        resolve(true);
      });
    });
    if (isHeld) {
      return async () => {
        await new Promise((resolve) => server.close(resolve));
      };
    }
    await wait(RETRY_MS);
  }
}
