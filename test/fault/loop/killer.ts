import { setImmediate, setTimeout as wait } from 'node:timers/promises';
import type { Figures } from './figures.ts';
import { MOMENTS } from './moments.ts';
import type { Play } from './play.ts';
import type { World } from './world.ts';

const LONGEST_WAIT_MS = 500;
const LONGEST_AFTER_MS = 12;
const MOMENT_TIMEOUT_MS = 800;
/** A server takes about this long until it listens. */
const START_MS = 800;

/** Ends processes with SIGKILL: at random times, and right at the moments that matter. */
export class Killer {
  readonly #world: World;
  readonly #play: Play;
  readonly #figures: Figures;

  constructor(world: World, play: Play, figures: Figures) {
    this.#world = world;
    this.#play = play;
    this.#figures = figures;
  }

  async run(kills: number): Promise<void> {
    const { random } = this.#play;
    for (let count = 0; count < kills; count += 1) {
      await this.#pickTime();
      const part = random();
      if (part < 0.35) {
        this.#killEngine();
      } else if (part < 0.5) {
        this.#killEngine();
        await wait(random() * LONGEST_AFTER_MS);
        await this.#killServer();
      } else {
        await this.#killServer();
      }
    }
  }

  async #pickTime(): Promise<void> {
    const { random, moments } = this.#play;
    if (random() < 0.3) {
      await wait(random() * LONGEST_WAIT_MS);
      return;
    }
    const moment = MOMENTS[Math.floor(random() * MOMENTS.length)] ?? 'turn sent';
    await moments.until(moment, 1 + Math.floor(random() * 3), MOMENT_TIMEOUT_MS);
    if (random() < 0.5) {
      await setImmediate();
    } else {
      await wait(random() * LONGEST_AFTER_MS);
    }
  }

  #killEngine(): void {
    if (this.#world.killEngine(this.#play.random())) {
      this.#play.ledger.processKilled('engine');
      this.#figures.engineKills += 1;
    }
  }

  /** Some servers are killed again while they settle what the one before has left. */
  async #killServer(): Promise<void> {
    const { random, ledger, moments } = this.#play;
    ledger.processKilled('server');
    this.#figures.serverKills += 1;
    await this.#world.killServer();
    moments.tell('server spawned');
    while (random() < 0.25) {
      await wait(random() * START_MS);
      this.#figures.serverKills += 1;
      this.#figures.killsInStart += 1;
      await this.#world.killServer();
    }
    void this.#world.url().then(
      () => {
        moments.tell('server listens');
      },
      () => undefined,
    );
  }
}
