import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { type Duplex } from 'node:stream';
import { type Request, type Response } from 'express';
import { type Subscription } from 'rxjs';
import { type WebSocket, WebSocketServer } from 'ws';
import { ServiceError } from '../../../core/errors.js';
import { type BearerAuthenticator } from '../../../http/auth/bearer.js';
import { requireAuthority } from '../../../http/auth/require-authority.js';
import { requireCallerId } from '../../../http/auth/require-caller-id.js';
import { type Revocations } from '../../../http/auth/revocations.js';
import { type BufferBudget } from '../../../http/limits/buffer-budget.js';
import { type RateLimits } from '../../../http/limits/rate-limits.js';
import { type StreamSlots } from '../../../http/limits/stream-slots.js';
import { type RequestReader } from '../../openai/request-reader.js';
import { type LiveRuns } from '../runs/live-runs.js';
import { type ResponseService } from '../runs/response-service.js';
import { type ResponseStore } from '../store/response-store.js';
import { parseMode } from '../to-core/agent-choices.js';
import { FrameIntake } from './frame-intake.js';
import { ResponseSocket } from './response-socket.js';
import { SocketPace } from './socket-pace.js';

const MAX_FRAME_BYTES = 64 * 1024 * 1024;
const PING_INTERVAL_MS = 30_000;
/** For a client that does not answer the end of its connection. */
const CLOSE_TIMEOUT_MS = 10_000;

export interface ResponseSocketsPorts {
  service: ResponseService;
  store: ResponseStore;
  runs: LiveRuns;
  bearer: BearerAuthenticator;
  slots: StreamSlots;
  reader: RequestReader;
  revocations: Revocations;
  budget: BufferBudget;
  limits: RateLimits;
}

interface OpenSocket {
  callerId: string;
  connection: ResponseSocket;
}

interface Upgrade {
  socket: Socket;
  head: Buffer;
}

/**
 * Connections that became sockets. A request to upgrade is handed to the application like any other, so that it passes the
 * same gate and is refused in the same words; only the route makes a socket of it.
 */
export class ResponseSockets {
  readonly #server: WebSocketServer;
  readonly #upgrades = new WeakMap<IncomingMessage, Upgrade>();
  readonly #open = new Map<WebSocket, OpenSocket>();
  readonly #pings: NodeJS.Timeout;
  readonly #revocations: Subscription;
  readonly #quiet = new WeakSet<WebSocket>();

  constructor(private readonly ports: ResponseSocketsPorts) {
    const maxPayload = Math.min(MAX_FRAME_BYTES, ports.budget.largestBytes);
    this.#server = new WebSocketServer({
      ...{ noServer: true, maxPayload, perMessageDeflate: false, closeTimeout: CLOSE_TIMEOUT_MS },
    });
    this.#pings = setInterval(() => {
      this.#ping();
    }, PING_INTERVAL_MS);
    this.#pings.unref();
    this.#revocations = ports.revocations.callerIds.subscribe((callerId) => {
      this.#revoke(callerId);
    });
  }

  listen(server: Server): void {
    server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (!(socket instanceof Socket)) {
        socket.destroy();
        return;
      }
      socket.on('error', () => {
        socket.destroy();
      });
      this.#upgrades.set(req, { socket, head });
      const res = new ServerResponse(req);
      res.shouldKeepAlive = false;
      res.assignSocket(socket);
      res.once('finish', () => {
        socket.end();
      });
      server.emit('request', req, res);
    });
  }

  /** Makes a socket of the request. Throws when it asks for none, or when the caller has as many as he may. */
  accept(req: Request, res: Response): void {
    const upgrade = this.#upgrades.get(req);
    if (!upgrade) {
      throw new ServiceError('method_not_allowed', 'This address is for POST and for WebSockets.');
    }
    const callerId = requireCallerId(req);
    const mode = parseMode(req.headers['x-codex-mode']);
    this.ports.slots.admit(res, callerId);
    req.isStream = true;
    res.removeAllListeners('finish');
    res.detachSocket(upgrade.socket);
    const intake = new FrameIntake(upgrade.socket, this.ports.budget.open(callerId));
    this.#server.handleUpgrade(req, upgrade.socket, upgrade.head, (socket) => {
      const asker = { callerId, scope: `socket ${randomUUID()}` };
      const { ceiling } = requireAuthority(req);
      const hasCodexItems = req.headers['x-codex-events'] === '1';
      const requireCaller = (): void => {
        this.#requireCaller(req);
      };
      const pace = new SocketPace(upgrade.socket);
      const context = { ...this.ports, asker, ceiling, mode, hasCodexItems, pace, requireCaller };
      const connection = new ResponseSocket(socket, context);
      intake.watch(socket, (error) => {
        connection.overflow(error);
      });
      this.#open.set(socket, { callerId, connection });
      socket.once('close', () => this.#open.delete(socket));
      socket.on('pong', () => this.#quiet.delete(socket));
    });
    upgrade.socket.once('close', () => {
      // The slot, and the line in the log, end with the answer.
      res.emit('close');
    });
  }

  /** Those that are being answered are closed when they are. */
  close(): void {
    clearInterval(this.#pings);
    this.#revocations.unsubscribe();
    for (const { connection } of this.#open.values()) {
      connection.close();
    }
  }

  #revoke(callerId: string): void {
    for (const open of this.#open.values()) {
      if (open.callerId === callerId) {
        open.connection.revoke();
      }
    }
  }

  #requireCaller(req: Request): void {
    const result = this.ports.bearer.authenticate(req);
    if ('error' in result) {
      throw result.error;
    }
  }

  #ping(): void {
    for (const socket of this.#open.keys()) {
      if (this.#quiet.has(socket)) {
        socket.terminate();
      } else {
        this.#quiet.add(socket);
        socket.ping();
      }
    }
  }
}
