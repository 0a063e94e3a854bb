import { WindtunnelError } from '#core/base/errors.ts';
import type { Ns } from '#core/base/time.ts';
import type { WorkerTally } from '../engine/worker-tally.ts';

/** Instants between two looks: a moment of wall-clock time, so that looking costs nothing. */
const INSTANTS_PER_LOOK = 65_536;

/** One preemption in so many instants is no longer pressure but a wheel that turns. */
const INSTANTS_PER_PREEMPTION = 64;

/** What the guard sees of a cluster. */
export interface GuardedCluster {
  readonly nowNs: Ns;
  readonly arrived: number;
  readonly ended: number;
  readonly fleet: {
    /** Images and the like that have been encoded. */
    readonly encodedItems: number;
    /** What each target has done so far. */
    readonly tallies: readonly WorkerTally[];
  };
}

const CAUSES = {
  recomputing:
    'requests give way to each other, and what they compute is lost before a token comes',
  empty_passes: 'workers make passes that compute nothing',
  time_stands_still: 'one instant is played again and again',
} as const;

/** Why a run goes on for ever. */
export type LivelockCause = keyof typeof CAUSES;

/**
 * Ends a run that goes on for ever. Traces and outputs are finite, so a run gets somewhere as long as
 * requests arrive, are encoded, end or get tokens. In between prompts are computed, each once unless somebody
 * gives way. A run in which from one look to the next nobody arrived, ended or got a token, and
 * nothing was computed or only what gave way before, will not get anywhere.
 */
export class LivelockGuard {
  readonly #instantsPerLook: number;
  #untilLook: number;
  #nowNs: Ns = -1;
  #reached = -1;
  #prefillTokens = 0;
  #preemptions = 0;

  constructor(instantsPerLook: number = INSTANTS_PER_LOOK) {
    this.#instantsPerLook = instantsPerLook;
    this.#untilLook = instantsPerLook;
  }

  /** After each instant. Throws `simulation_livelocked` where the run gets nowhere any more. */
  instantPlayed(cluster: GuardedCluster): void {
    if (--this.#untilLook > 0) return;
    this.#untilLook = this.#instantsPerLook;
    const { nowNs, arrived, ended, fleet } = cluster;
    const { encodedItems, tallies } = fleet;
    const reached = arrived + ended + encodedItems + sum(tallies, 'outputTokens');
    const prefillTokens = sum(tallies, 'prefillTokens');
    const preemptions = sum(tallies, 'preemptions');
    if (reached === this.#reached) {
      const gaveWay = preemptions - this.#preemptions;
      if (gaveWay * INSTANTS_PER_PREEMPTION >= this.#instantsPerLook) {
        throw this.#livelock('recomputing', cluster);
      }
      if (prefillTokens === this.#prefillTokens) {
        throw this.#livelock(nowNs === this.#nowNs ? 'time_stands_still' : 'empty_passes', cluster);
      }
    }
    this.#nowNs = nowNs;
    this.#reached = reached;
    this.#prefillTokens = prefillTokens;
    this.#preemptions = preemptions;
  }

  #livelock(cause: LivelockCause, { nowNs, arrived, ended }: GuardedCluster): WindtunnelError {
    const waiting = arrived - ended;
    const instants = this.#instantsPerLook;
    return new WindtunnelError(
      'simulation_livelocked',
      `the run goes on for ever: ${CAUSES[cause]}; ${waiting} requests are under way at ${nowNs} ns, and in ${instants} instants none of them got a token`,
      { cause, waiting, simulated_ns: nowNs, instants },
    );
  }
}

function sum(tallies: readonly WorkerTally[], key: keyof WorkerTally): number {
  return tallies.reduce((total, tally) => total + tally[key], 0);
}
