import { Ollama } from 'ollama';
import { TOKEN } from '../support/server-process.js';
import { App } from '../support/start-app.js';

describe("Ollama's own client", () => {
  let app: App;
  let ollama: Ollama;

  beforeAll(async () => {
    app = await App.start();
    ollama = new Ollama({ host: app.url, headers: { authorization: `Bearer ${TOKEN}` } });
  });
  afterAll(() => app.stop());

  it('lists and shows the models', async () => {
    const { models } = await ollama.list();
    expect(models[0]).toMatchObject({ name: 'scripted-model', details: { format: '' } });
    expect((await ollama.show({ model: 'scripted-model' })).capabilities).toContain('tools');
    expect(await ollama.version()).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+/) as string });
  });

  it('understands what is not there', async () => {
    const refused = [
      ollama.chat({ model: 'scripted-model', messages: [{ role: 'user', content: 'Hi' }] }),
      ollama.generate({ model: 'scripted-model', prompt: 'Hi' }),
      ollama.embed({ model: 'scripted-model', input: 'Hi' }),
      ollama.pull({ model: 'other' }),
      ollama.delete({ model: 'other' }),
      ollama.ps(),
    ];
    const seen = await Promise.all(
      refused.map((one) =>
        one.then(
          () => 'done',
          (error: unknown) => error,
        ),
      ),
    );
    for (const error of seen) {
      expect(error).toMatchObject({
        ...{ name: 'ResponseError', status_code: 404 },
        message: expect.stringContaining('/v1/chat/completions') as string,
      });
    }
    await expect(ollama.show({ model: 'nothing' })).rejects.toMatchObject({ message: "model 'nothing' not found" });
  });
});
