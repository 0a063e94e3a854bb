import { describeFailure } from './failure.ts';
import { LAWS } from './laws/registry.ts';
import { drawFlight } from './mix.ts';
import { SwarmTally } from './tally.ts';
import { type Tamper, tryFlight } from './try-flight.ts';

export interface SwarmOptions {
  /** The first seed; each further cluster has the next one. */
  readonly seed: number;
  readonly runs: number;
  /** Called after each cluster, with how many were flown. */
  readonly onFlown?: (flown: number) => void;
  /** Breaks what was flown, for canaries. */
  readonly tamper?: Tamper;
}

export interface SwarmResult {
  readonly tally: SwarmTally;
  /** Of the first cluster that breaks a law, in words; the swarm ends with it. */
  readonly failure?: string;
}

/** Draws clusters by seed, flies each in every way, and holds every law against it. */
export function flySwarm({ seed, runs, onFlown, tamper }: SwarmOptions): SwarmResult {
  const tally = new SwarmTally();
  for (let run = 0; run < runs; run++) {
    const drawn = drawFlight(seed + run);
    const { outcome, breach } = tryFlight(drawn.flight, LAWS, tamper);
    if (breach !== undefined) {
      return { tally, failure: describeFailure(drawn, breach, LAWS, tamper) };
    }
    if (outcome !== undefined) tally.add(drawn, outcome);
    onFlown?.(run + 1);
  }
  return { tally };
}
