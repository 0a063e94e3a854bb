import { describeFailure, failureLine } from './failure.ts';
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
  /** Called with a line on each cluster that breaks a law, of which the first ends the swarm otherwise. */
  readonly onBreach?: (line: string) => void;
  /** Breaks what was flown, for canaries. */
  readonly tamper?: Tamper;
  /** Flights that are tried at most to make the first failure smaller. */
  readonly shrinkTries?: number;
}

export interface SwarmResult {
  readonly tally: SwarmTally;
  /** Of the first cluster that breaks a law, in words, where the swarm ends with it. */
  readonly failure?: string;
  /** Clusters that break a law. */
  readonly broken: number;
}

/** Draws clusters by seed, flies each in every way, and holds every law against it. */
export function flySwarm(options: SwarmOptions): SwarmResult {
  const { seed, runs, onFlown, onBreach, tamper, shrinkTries } = options;
  const tally = new SwarmTally();
  let broken = 0;
  for (let run = 0; run < runs; run++) {
    const drawn = drawFlight(seed + run);
    const { outcome, breach } = tryFlight(drawn.flight, LAWS, tamper);
    if (breach !== undefined) {
      broken++;
      if (onBreach === undefined) {
        const failure = describeFailure(drawn, breach, LAWS, tamper, shrinkTries);
        return { tally, broken, failure };
      }
      onBreach(failureLine(drawn.flight, breach));
    } else if (outcome !== undefined) tally.add(drawn, outcome);
    onFlown?.(run + 1);
  }
  return { tally, broken };
}
