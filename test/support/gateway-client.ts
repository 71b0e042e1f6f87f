import { type ModelProvider } from '../../src/core/engine/model-provider.js';
import { ModelGateway } from '../../src/gateway/model-gateway.js';
import { FakeUpstream, type UpstreamAnswer } from './fake-upstream.js';
import { type Json } from './start-app.js';
import { type Saying, UPSTREAM_WIRES, type UpstreamName } from './upstream-wires.js';

export interface ResponseEvent {
  event: string;
  data: Json & { type: string };
}

/** What a response was at its end, and the events that led to it. */
export interface Answered {
  events: ResponseEvent[];
  /** The `response` of the last event. */
  response: Json & { status: string; output: Json[]; error?: { code: string; message: string } };
}

/** A gateway in the test's process, between the test, which speaks as the engine does, and a provider. */
export class GatewayClient {
  warnings: string[] = [];

  private constructor(
    readonly gateway: ModelGateway,
    readonly upstream: FakeUpstream,
    readonly providers: Record<string, ModelProvider>,
  ) {}

  static async start(idleTimeoutMs = 5_000): Promise<GatewayClient> {
    const upstream = await FakeUpstream.start();
    const entries = Object.entries(UPSTREAM_WIRES).map(
      ([name, { wireApi: wire, basePath }]): [string, ModelProvider] => [
        name,
        { id: name, name, wire, baseUrl: upstream.url + basePath, headerNames: ['x-team'], idleTimeoutMs },
      ],
    );
    const providers = Object.fromEntries(entries);
    const warnings: string[] = [];
    const gateway = await ModelGateway.start({
      providers: Object.values(providers),
      findProvider: (id) => providers[id],
      env: {},
      log: { write: (_level, message) => warnings.push(message) },
    });
    const client = new GatewayClient(gateway, upstream, providers);
    client.warnings = warnings;
    return client;
  }

  async stop(): Promise<void> {
    await this.gateway.close();
    await this.upstream.close();
  }

  post(name: UpstreamName, body: Json, init: RequestInit & { query?: string } = {}): Promise<Response> {
    const url = `${this.gateway.urlOf(name)}/responses${init.query ?? ''}`;
    return fetch(url, {
      ...init,
      method: 'POST',
      headers: {
        'x-codex-web-gateway': this.gateway.secret.value,
        authorization: 'Bearer key-1',
        ...(init.headers as Record<string, string> | undefined),
      },
      body: JSON.stringify({ model: 'model-1', stream: true, ...body }),
    });
  }

  /** One request, answered by the provider as given. */
  async ask(name: UpstreamName, body: Json, ...answers: UpstreamAnswer[]): Promise<Answered> {
    this.upstream.enqueue(...answers);
    const events = parseEvents(await (await this.post(name, body)).text());
    return { events, response: events.at(-1)?.data.response as Answered['response'] };
  }
}

/** The deltas of an answer of which the provider tells each part only when the one before has arrived. */
export async function askInSteps(
  client: GatewayClient,
  name: UpstreamName,
  body: Json,
  saying: Saying,
): Promise<Answered> {
  const parts = [...(saying.thoughts ?? []), ...(saying.text ?? [])];
  const arrived = parts.map(() => Promise.withResolvers<undefined>());
  client.upstream.enqueue(async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const frame of UPSTREAM_WIRES[name].frames(saying)) {
      response.write(frame);
      await arrived[parts.findIndex((part) => frame.includes(JSON.stringify(part)))]?.promise;
    }
    response.end();
  });
  let text = '';
  const { body: stream } = await client.post(name, body);
  for await (const chunk of stream!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    parts.forEach((part, index) => {
      if (text.includes(`"delta":${JSON.stringify(part)}`)) {
        arrived[index]?.resolve(undefined);
      }
    });
  }
  const events = parseEvents(text);
  return { events, response: events.at(-1)?.data.response as Answered['response'] };
}

export function parseEvents(text: string): ResponseEvent[] {
  return text
    .split('\n\n')
    .filter((frame) => frame.startsWith('event: '))
    .map((frame) => {
      const [, event = '', data = '{}'] = /^event: (\S+)\ndata: (.*)$/s.exec(frame) ?? [];
      return { event, data: JSON.parse(data) as ResponseEvent['data'] };
    });
}
