import type { RandomStream } from '#core/base/random.ts';
import type { Fleet } from '../../fleet.ts';
import type { RouteQuery } from '../../query.ts';
import type { ActiveSequences } from '../../sequences/active-sequences.ts';
import { type EligibleTargets, PrefixBlindPolicy } from '../routing-policy.ts';

/** Two different targets at random; the one with fewer requests in flight, on a tie the first. */
export class PowerOfTwoPolicy extends PrefixBlindPolicy {
  readonly #fleet: Fleet;
  readonly #sequences: ActiveSequences;
  readonly #stream: RandomStream;

  constructor(fleet: Fleet, sequences: ActiveSequences, stream: RandomStream) {
    super();
    this.#fleet = fleet;
    this.#sequences = sequences;
    this.#stream = stream;
  }

  override choose(): number {
    return this.#chooseOf(this.#fleet.targets, this.#fleet.count);
  }

  override chooseAmong(_query: RouteQuery, { targets, count }: EligibleTargets): number {
    return this.#chooseOf(targets, count);
  }

  #chooseOf(targets: Int32Array, count: number): number {
    if (count === 1) return targets[0]!;
    const firstPlace = this.#stream.nextBelow(count);
    const draw = this.#stream.nextBelow(count - 1);
    const first = targets[firstPlace]!;
    const second = targets[draw < firstPlace ? draw : draw + 1]!;
    const requests = this.#sequences.activeRequests;
    return requests[second]! < requests[first]! ? second : first;
  }
}
