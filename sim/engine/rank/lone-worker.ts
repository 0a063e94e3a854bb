import { assert } from '#core/base/assert.ts';
import type { Ns } from '#core/base/time.ts';
import type { EngineRank } from './engine-rank.ts';
import type { PassClock } from './pass-clock.ts';
import { RankedWorker } from './ranked-worker.ts';

/**
 * A worker of one rank that hands nothing over, as most are: a pass waits for no other rank and
 * carries out no wishes, and is therefore small enough for V8 to inline it into the cluster's instant.
 */
export class LoneWorker extends RankedWorker {
  readonly #rank: EngineRank;

  constructor(clock: PassClock, rank: EngineRank) {
    super(clock, [rank]);
    this.#rank = rank;
  }

  override startPass(nowNs: Ns): boolean {
    assert(!this.busy, 'a pass is under way');
    const { clock } = this;
    const rank = this.#rank;
    clock.startNs = nowNs;
    if (rank.running.count + rank.waitingRequests === 0) return false;
    const passes = rank.plan();
    if (passes === 0) return false;
    clock.passes = passes;
    clock.endNs = nowNs + (passes === 1 ? rank.durationNs() : rank.openLeap().spanNs(passes));
    if (passes > 1) this.endWithRun();
    this.busy = true;
    return true;
  }

  override completePass(): void {
    const { clock } = this;
    const rank = this.#rank;
    const { engine } = rank;
    rank.complete(clock.passes === 1 ? clock.endNs : this.endLeap(rank.openLeap(), engine));
    this.endPass(engine);
  }
}
