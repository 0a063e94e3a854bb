import type { Flight } from '../flight.ts';
import type { Flown } from '../fly.ts';

/** A cluster that was flown in every way that a law may ask for. */
export interface Outcome {
  readonly flight: Flight;
  /** Leaping, and the same once more. */
  readonly leap: Flown;
  readonly again: Flown;
  /** Stepping every pass. */
  readonly exact: Flown;
}

/** What holds for any cluster and any traffic. */
export interface Law {
  readonly name: string;
  /** Throws where it is broken, and says by what. */
  hold(outcome: Outcome): void;
}
