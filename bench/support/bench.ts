import { writeRollout } from '../../test/support/written-rollout.ts';
import { Child } from './child.ts';
import type { BadClientsMethods } from '../children/bad-clients.ts';
import type { BareMethods } from '../children/bare.ts';
import type { GatewayDoor, GatewayMethods } from '../children/gateway.ts';
import type { LoadMethods } from '../children/load.ts';
import type { ModelMethods } from '../children/model.ts';
import type { StreamsMethods } from '../children/streams.ts';
import type { UpstreamMethods } from '../children/upstream.ts';
import { RawEngine } from './raw-engine.ts';
import { Scratch } from './scratch.ts';
import { seed, type Seed, type Seeded } from './seed.ts';
import { Server, type ServerOptions } from './server.ts';

export interface BenchOptions {
  isQuick: boolean;
  profileDir: string | undefined;
}

/** Starts what measurements need, and ends all of it when they are through. */
export class Bench {
  readonly #options: BenchOptions;
  readonly #closers: (() => void | Promise<void>)[] = [];
  #modelUrl: Promise<string> | undefined;

  constructor(options: BenchOptions) {
    this.#options = options;
  }

  /** How much is measured: the first for a whole run, the second for a quick one. */
  pick(whole: number, quick: number): number {
    return this.#options.isQuick ? quick : whole;
  }

  load(): Child<LoadMethods> {
    return this.#keep(new Child<LoadMethods>(new URL('../children/load.ts', import.meta.url)));
  }

  streams(): Child<StreamsMethods> {
    return this.#keep(new Child<StreamsMethods>(new URL('../children/streams.ts', import.meta.url)));
  }

  badClients(): Child<BadClientsMethods> {
    return this.#keep(new Child<BadClientsMethods>(new URL('../children/bad-clients.ts', import.meta.url)));
  }

  async bare(): Promise<{ bare: Child<BareMethods>; port: number }> {
    const bare = this.#keep(new Child<BareMethods>(new URL('../children/bare.ts', import.meta.url)));
    return { bare, port: await bare.call('listen') };
  }

  /** @param configure may write another configuration before it starts */
  async rawEngine(configure: (scratch: Scratch) => void = () => undefined): Promise<RawEngine> {
    const scratch = await this.#scratch();
    configure(scratch);
    const engine = await RawEngine.start(scratch);
    this.#closers.push(() => engine.stop());
    return engine;
  }

  async server(options: ServerOptions = {}): Promise<Server> {
    return this.#start(await this.#scratch(), options);
  }

  /** A server on a data directory that has been in use. */
  async seededServer(what: Omit<Seed, 'cwd'>): Promise<{ server: Server } & Seeded> {
    const scratch = await this.#scratch();
    const seeded = await seed(scratch.dataDir, { ...what, cwd: scratch.workspace });
    return { server: await this.#start(scratch), ...seeded };
  }

  /** A server in whose Codex home there is a thread with so many turns that another client made. */
  async serverWithRollout(turnCount: number): Promise<{ server: Server; threadId: string }> {
    const scratch = await this.#scratch();
    const { threadId } = writeRollout(scratch, turnCount);
    return { server: await this.#start(scratch), threadId };
  }

  async rawEngineWithRollout(turnCount: number): Promise<{ engine: RawEngine; threadId: string }> {
    let threadId = '';
    const engine = await this.rawEngine((scratch) => {
      ({ threadId } = writeRollout(scratch, turnCount));
    });
    return { engine, threadId };
  }

  /** A provider that speaks both wires, and the gateway in front of its chat wire. */
  async gateway(): Promise<{ upstreamUrl: string; door: GatewayDoor }> {
    const upstream = this.#keep(new Child<UpstreamMethods>(new URL('../children/upstream.ts', import.meta.url)));
    const gateway = this.#keep(new Child<GatewayMethods>(new URL('../children/gateway.ts', import.meta.url)));
    const upstreamUrl = await upstream.call('baseUrl');
    return { upstreamUrl, door: await gateway.call('open', upstreamUrl) };
  }

  /** Ends everything that was started since the last call. */
  async endAll(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) {
      await close();
    }
    this.#modelUrl = undefined;
  }

  async #start(scratch: Scratch, options: ServerOptions = {}): Promise<Server> {
    const server = await Server.start(scratch, { profileDir: this.#options.profileDir, ...options });
    this.#closers.push(() => server.stop());
    return server;
  }

  async #scratch(): Promise<Scratch> {
    this.#modelUrl ??= this.#keep(new Child<ModelMethods>(new URL('../children/model.ts', import.meta.url))).call(
      'baseUrl',
    );
    const scratch = await Scratch.create(await this.#modelUrl);
    this.#closers.push(() => {
      scratch.remove();
    });
    return scratch;
  }

  #keep<Kept extends { end: () => Promise<void> }>(child: Kept): Kept {
    this.#closers.push(() => child.end());
    return child;
  }
}
