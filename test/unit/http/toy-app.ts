import { once } from 'node:events';
import { get as httpGet, type ClientRequest, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Global, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type NestExpressApplication } from '@nestjs/platform-express';
import { Module } from '@nestjs/common';
import { Accounts } from '../../../src/core/engine/accounts.js';
import { ThreadDirectory } from '../../../src/core/threads/thread-directory.js';
import { IdempotencyService } from '../../../src/core/idempotency/idempotency-service.js';
import { HealthModule } from '../../../src/api/health/health.module.js';
import { configureHttp } from '../../../src/http/configure-http.js';
import { HttpModule } from '../../../src/http/http.module.js';
import { type HttpOptions } from '../../../src/http/http-options.js';
import { toLogger } from '../../../src/http/logging/logger.js';
import { IndexedExpressAdapter } from '../../../src/http/routing/indexed-express-adapter.js';
import { toGivenToken } from '../../../src/settings/auth-token.js';
import { defaultCeiling } from '../../../src/settings/options-ceiling.js';
import { defaultLimits } from '../../../src/settings/options-limits.js';
import { MemoryIdempotencyStore } from '../../support/memory-idempotency-store.js';

export const TOKEN = 'a-token-for-the-tests-only';
export const BEARER = { authorization: `Bearer ${TOKEN}` };

/** Of a provider that needs no login. */
const ACCOUNTS = { provide: Accounts, useValue: { read: () => Promise.resolve({ requires_openai_auth: false }) } };

/** Has every thread that is asked for. */
const THREADS = { provide: ThreadDirectory, useValue: { require: () => Promise.resolve({}) } };

@Global()
@Module({ providers: [ACCOUNTS, THREADS], exports: [ACCOUNTS, THREADS] })
class AccountsModule {}

export interface ToyApp {
  app: NestExpressApplication;
  adapter: IndexedExpressAdapter;
  server: Server;
  port: number;
  /** Everything that was logged so far. */
  logText: () => string;
  close: () => Promise<void>;
}

type Overrides = Omit<Partial<HttpOptions>, 'settings'> & { settings?: Partial<HttpOptions['settings']> };

/** A small application on the real edge, on a free port. */
export async function startToyApp(controllers: Type[], overrides: Overrides = {}): Promise<ToyApp> {
  const options: HttpOptions = {
    ...overrides,
    settings: {
      host: '127.0.0.1',
      dataDir: join(tmpdir(), 'no-such-folder'),
      allowedHosts: [],
      allowedOrigins: [],
      authToken: toGivenToken(TOKEN, 'env', null),
      maxBodyBytes: 64 * 1024,
      hasDocs: true,
      healthStatus: 'ok',
      approvalPolicy: null,
      isBypassingApprovalsAndSandbox: false,
      ...defaultLimits(),
      ...defaultCeiling(),
      ...overrides.settings,
    },
  };
  const log = new PassThrough();
  const lines: string[] = [];
  log.on('data', (chunk: Buffer) => lines.push(chunk.toString()));

  const idempotency = new IdempotencyService(new MemoryIdempotencyStore());

  const edge = HttpModule.register(options, toLogger('debug', log), idempotency);

  @Module({ imports: [AccountsModule, edge, HealthModule], controllers })
  class ToyModule {}

  const adapter = new IndexedExpressAdapter();
  const app = await NestFactory.create<NestExpressApplication>(ToyModule, adapter, {
    bodyParser: false,
    logger: false,
  });
  configureHttp(app, { version: '0.0.0' });
  await app.listen(0, '127.0.0.1');
  const server = app.getHttpServer();
  const { port } = server.address() as AddressInfo;
  return {
    app,
    adapter,
    server,
    port,
    logText: () => lines.join(''),
    close: async () => {
      server.closeAllConnections();
      await app.close();
    },
  };
}

export interface RawStream {
  req: ClientRequest;
  res: IncomingMessage;
  text: () => string;
  /** Settles once the text that has come in holds this. */
  waitFor: (part: string) => Promise<void>;
  ended: Promise<void>;
}

/** Opens a stream with a plain client; `isReading: false` never takes a byte of the body off the socket. */
export async function openStream(
  port: number,
  path: string,
  options: { isReading?: boolean; headers?: object } = {},
): Promise<RawStream> {
  const req = httpGet({ host: '127.0.0.1', port, path, headers: { ...BEARER, ...options.headers }, agent: false });
  const [res] = (await once(req, 'response')) as [IncomingMessage];
  req.on('error', () => undefined);
  res.on('error', () => undefined);
  let text = '';
  const ended = new Promise<void>((resolve) => res.once('close', resolve));
  if (options.isReading !== false) {
    res.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      res.emit('progress');
    });
  }
  const waitFor = async (part: string): Promise<void> => {
    while (!text.includes(part)) {
      await once(res, 'progress');
    }
  };
  return { req, res, text: () => text, waitFor, ended };
}
