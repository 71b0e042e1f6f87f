import { type TurnRecord } from './turn-record.js';

/** Is told of turns as they come and go, for whoever watches the service. What it does with that must not throw. */
export abstract class TurnObserver {
  /** Called where the turn is asked for, before it is stored. */
  abstract accepted(turn: TurnRecord): void;

  /** Once for each turn that is over, however it ended; also for those that a start of the server finds cut short. */
  abstract ended(turn: TurnRecord): void;
}
