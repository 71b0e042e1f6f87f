import { App } from '../support/start-app.js';

const PLAN = {
  explanation: 'Two steps will do.',
  plan: [
    { step: 'Look', status: 'completed' },
    { step: 'Leap', status: 'in_progress' },
  ],
};

describe('the plan of a turn', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  it('is told on the stream whenever the model changes it', async () => {
    const threadId = await app.createThread({ config: { tools: { update_plan: { enabled: true } } } });
    const stream = await app.stream(threadId);
    const { turn_id: turnId } = await app.submit(threadId, `call: update_plan ${JSON.stringify(PLAN)}\nsay: Planned.`);
    await stream.turnEnd(turnId);
    stream.close();
    const plans = stream.events.filter(({ event }) => event === 'turn/plan/updated');
    expect(
      plans.map(({ data }) => ({ turn_id: data.turn_id, explanation: data.explanation, plan: data.plan })),
    ).toEqual([{ turn_id: turnId, ...PLAN }]);
  });
});
