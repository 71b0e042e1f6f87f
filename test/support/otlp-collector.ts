import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';

interface AttributeJson {
  key: string;
  value: { stringValue?: string; intValue?: number | string; boolValue?: boolean };
}

interface SpanJson {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: AttributeJson[];
  status?: { code?: number };
}

interface ExportJson {
  resourceSpans: {
    resource: { attributes: AttributeJson[] };
    scopeSpans: { spans: SpanJson[] }[];
  }[];
}

export interface ReceivedSpan extends Omit<SpanJson, 'attributes'> {
  attributes: Record<string, unknown>;
  resource: Record<string, unknown>;
}

/** Stands for an OpenTelemetry collector: takes spans as OTLP/HTTP with JSON, and keeps them. */
export class OtlpCollector {
  readonly spans: ReceivedSpan[] = [];
  readonly requests: { path: string; headers: IncomingHttpHeaders; body: string }[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<OtlpCollector> {
    const server = createServer((req, res) => {
      const chunks: Buffer[] = [];
      req.on('data', (chunk: Buffer) => chunks.push(chunk));
      req.once('end', () => {
        collector.#take(req.url ?? '', req.headers, Buffer.concat(chunks).toString());
        res.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    const collector = new OtlpCollector(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return collector;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  #take(path: string, headers: IncomingHttpHeaders, body: string): void {
    this.requests.push({ path, headers, body });
    const { resourceSpans } = JSON.parse(body) as ExportJson;
    for (const { resource, scopeSpans } of resourceSpans) {
      const attributes = toRecord(resource.attributes);
      const spans = scopeSpans.flatMap((scope) => scope.spans);
      this.spans.push(
        ...spans.map((span) => ({ ...span, attributes: toRecord(span.attributes), resource: attributes })),
      );
    }
  }
}

function toRecord(attributes: readonly AttributeJson[]): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, boolValue } }) => [
      key,
      stringValue ?? (intValue === undefined ? boolValue : Number(intValue)),
    ]),
  );
}
