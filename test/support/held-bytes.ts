import { MetricsPage } from './metrics-reader.js';
import { RawSocket, toHead } from './raw-socket.js';
import { type App } from './start-app.js';

export const MEBIBYTE = 1024 * 1024;
export const HELD = 'codex_web_received_bytes';
export const REFUSED = 'codex_web_received_refused_total';
export const RSS = 'process_resident_memory_bytes';

/** What a process may grow by beside what it counts: buffers of sockets, and what waits for a collection. */
export const SLACK = 160 * MEBIBYTE;

export const heldBytes = async (app: App): Promise<number> => (await MetricsPage.of(app)).value(HELD);

export const untilHeld = (app: App, bytes: number): Promise<MetricsPage> =>
  MetricsPage.until(app, (page) => page.value(HELD) >= bytes);

export const untilFree = (app: App): Promise<MetricsPage> => MetricsPage.until(app, (page) => page.value(HELD) === 0);

/** Sends the head of `POST /v1/responses`, and so much of a body that never ends. */
export async function sendHalf(app: App, sent: number, token?: string): Promise<RawSocket> {
  const headers = ['Content-Type: application/json', `Content-Length: ${String(sent + 1000)}`];
  const socket = await RawSocket.open(app.url);
  return socket.send(`${toHead(app.url, 'POST /v1/responses', headers, token)}\r\n${' '.repeat(sent)}`);
}
