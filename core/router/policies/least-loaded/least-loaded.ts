import type { RandomStream } from '#core/base/random.ts';
import type { RouteQuery } from '../../query.ts';
import { LoadTree } from '../../selection/load-tree.ts';
import { TieSet } from '../../selection/tie-set.ts';
import type { ActiveSequences } from '../../sequences/active-sequences.ts';
import { type EligibleTargets, PrefixBlindPolicy } from '../routing-policy.ts';

/** The target with the fewest requests in flight; among equals one at random, uniformly. */
export class LeastLoadedPolicy extends PrefixBlindPolicy {
  readonly #sequences: ActiveSequences;
  readonly #stream: RandomStream;
  readonly #tree = new LoadTree();
  readonly #ties = new TieSet();

  constructor(sequences: ActiveSequences, stream: RandomStream) {
    super();
    this.#sequences = sequences;
    this.#stream = stream;
  }

  override choose(): number {
    const ties = this.#tree.ties;
    return this.#tree.tied(ties === 1 ? 0 : this.#stream.nextBelow(ties));
  }

  override chooseAmong(_query: RouteQuery, { targets, count }: EligibleTargets): number {
    const requests = this.#sequences.activeRequests;
    this.#ties.clear();
    for (let place = 0; place < count; place++) {
      const target = targets[place]!;
      this.#ties.offer(target, requests[target]!);
    }
    return this.#ties.draw(this.#stream);
  }

  override loadChanged(target: number): void {
    this.#tree.set(target, this.#sequences.activeRequests[target]!);
  }

  override targetRemoved(target: number): void {
    this.#tree.delete(target);
  }
}
