import { Injectable } from '@nestjs/common';

export interface ReadinessAnswer {
  ready: boolean;
  /** Why not, in words for an operator; never a secret or a path of the host. */
  reason?: string;
}

/** A part of the service that may be not ready to work: asked for each `/readyz`, so it must answer at once. */
export abstract class ReadinessProbe {
  abstract readonly name: string;
  abstract check(): ReadinessAnswer;
}

/** Ready as long as there is no reason not to be. */
export class ReasonProbe extends ReadinessProbe {
  constructor(
    readonly name: string,
    private readonly findReason: () => string | undefined,
  ) {
    super();
  }

  override check(): ReadinessAnswer {
    const reason = this.findReason();
    return reason === undefined ? { ready: true } : { ready: false, reason };
  }
}

export interface ReadinessReport {
  isReady: boolean;
  checks: readonly (ReadinessAnswer & { name: string })[];
}

/** All probes of this process. */
@Injectable()
export class Readiness {
  readonly #probes: ReadinessProbe[] = [];
  #isDraining = false;

  register(probe: ReadinessProbe): void {
    this.#probes.push(probe);
  }

  /** From here on nothing new is to be sent here. */
  startDraining(): void {
    this.#isDraining = true;
  }

  report(): ReadinessReport {
    const checks = this.#probes.map((probe) => ({ name: probe.name, ...probe.check() }));
    if (this.#isDraining) {
      checks.push({ name: 'server', ready: false, reason: 'the server is shutting down' });
    }
    return { isReady: checks.every(({ ready }) => ready), checks };
  }
}
