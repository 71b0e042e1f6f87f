/** The scripted model in a process of its own. It is the same for the raw engine and for the server. */
import { answerCalls } from '../support/child.ts';
import { loadScriptedModel } from '../support/program.ts';
import { nowMs } from '../support/statistics.ts';

const { ScriptedModel } = await loadScriptedModel();
const model = await ScriptedModel.start({ maxKeptRequests: 1 });

type Answer = Extract<Awaited<ReturnType<Parameters<typeof model.onRequest>[0]>>, readonly unknown[]>;

model.onRequest(({ userText }) => {
  const match = /^stamps: (\d+) every (\d+)ms$/.exec(userText);
  return match ? toStamps(Number(match[1]), Number(match[2])) : undefined;
});

/** Deltas, each of which is the time at which it is written: the text is asked for when its turn comes. */
function toStamps(count: number, delayMs: number): Answer {
  return Array.from({ length: count }, () => [
    { kind: 'delay' as const, delayMs },
    {
      kind: 'say' as const,
      isOpen: true,
      get text(): string {
        return `${String(nowMs())} `;
      },
    },
  ]).flat();
}

export type ModelMethods = typeof methods;

const methods = {
  baseUrl(): string {
    return model.baseUrl;
  },
};

answerCalls(methods);
