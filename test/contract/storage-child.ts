/**
 * A server's storage in a process of its own, to be killed: `storage-child.ts <dataDir>`. It writes entries of three
 * events and the thread's record for ever, and prints the last number of each entry once that is acknowledged.
 */
import { EmbeddedStorage } from '../../src/storage/embedded/embedded-storage.js';
import { entry, Numbering, thread } from './storage-builders.js';

const [dataDir] = process.argv.slice(2);
const { journal } = await EmbeddedStorage.open({ dataDir: dataDir ?? '' });
const numbering = new Numbering();
for (;;) {
  const events = numbering.many('a', 3);
  const last = (events.at(-1)?.seq ?? 0).toString();
  await journal.write(entry({ events, threads: [thread({ threadId: 'a', metadata: { last } })] }));
  process.stdout.write(`${last}\n`);
}
