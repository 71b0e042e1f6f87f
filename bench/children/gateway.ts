/** The model gateway in a process of its own. */
import { answerCalls } from '../support/child.ts';
import { loadGateway, loadLog } from '../support/program.ts';

const { ModelGateway, SECRET_HEADER } = await loadGateway();
const { Log } = await loadLog();

class NoLog extends Log {
  override write(): void {
    // What a gateway says to its operator is not measured.
  }
}

export interface GatewayDoor {
  url: string;
  headers: Record<string, string>;
}

export type GatewayMethods = typeof methods;

const methods = {
  /** Lets a provider with the chat wire be reached on the Responses wire. */
  async open(baseUrl: string): Promise<GatewayDoor> {
    const provider = {
      id: 'upstream',
      name: 'Upstream',
      wire: 'chat',
      baseUrl,
      headerNames: [],
      idleTimeoutMs: 60_000,
    } as const;
    const gateway = await ModelGateway.start({
      providers: [provider],
      findProvider: () => provider,
      env: {},
      log: new NoLog(),
    });
    return { url: gateway.urlOf(provider.id), headers: { [SECRET_HEADER]: gateway.secret.value } };
  },
};

answerCalls(methods);
