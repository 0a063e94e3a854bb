import type { Flight } from './flight.ts';
import { fly } from './fly.ts';
import type { Law, Outcome } from './laws/law.ts';

/** One in so many flights keeps a journal, which core then has to decide again. */
const FLIGHTS_PER_JOURNAL = 3;

/** What was broken: a law, or the flight itself, which did not end well. */
export interface Breach {
  readonly law: string;
  readonly error: Error;
}

/** A flight that was tried: what came of it, and the first law that it breaks. */
export interface Tried {
  readonly outcome?: Outcome;
  readonly breach?: Breach;
}

/** Changes what was flown before the laws see it, to show that they would notice. */
export type Tamper = (outcome: Outcome) => void;

/** A journal is of one router, and pools have one each. */
function keepsJournal({ seed, settings }: Flight): boolean {
  return seed % FLIGHTS_PER_JOURNAL === 0 && !settings.has('cluster.pools');
}

/** Flies a flight in every way and holds the laws against it. */
export function tryFlight(flight: Flight, laws: readonly Law[], tamper?: Tamper): Tried {
  let broken = 'every flight ends';
  let outcome: Outcome | undefined;
  try {
    outcome = {
      flight,
      leap: fly(flight, 'leap'),
      again: fly(flight, 'leap', keepsJournal(flight)),
      exact: fly(flight, 'exact'),
    };
    tamper?.(outcome);
    for (const law of laws) {
      broken = law.name;
      law.hold(outcome);
    }
    return { outcome };
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    return { ...(outcome && { outcome }), breach: { law: broken, error } };
  }
}
