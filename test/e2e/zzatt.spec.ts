import { jest } from '@jest/globals';
import { App } from '../support/start-app.js';
jest.setTimeout(15000); it('x', async () => {
  const app = await App.start();
  const t = await app.createThread();
  await app.runTurn(t, '', { input: [{ type: 'mention', name: 'notes.txt', path: '/var/tmp/notes.txt' }, { type: 'text', text: 'say: hi' }] });
  console.log('done'); const { input } = app.model.requests.at(-1)?.body as { input: unknown[] };
  console.log(JSON.stringify(input.slice(-3), null, 1).slice(0, 3000), JSON.stringify(input).includes('notes.txt'));
  await app.stop();
});
