import type { RandomStream } from '#core/base/random.ts';
import type { Fleet } from '../../fleet.ts';
import type { RouteQuery } from '../../query.ts';
import { type EligibleTargets, PrefixBlindPolicy } from '../routing-policy.ts';

/** Any target, uniformly. */
export class RandomPolicy extends PrefixBlindPolicy {
  readonly #fleet: Fleet;
  readonly #stream: RandomStream;

  constructor(fleet: Fleet, stream: RandomStream) {
    super();
    this.#fleet = fleet;
    this.#stream = stream;
  }

  override choose(): number {
    return this.#fleet.targets[this.#stream.nextBelow(this.#fleet.count)]!;
  }

  override chooseAmong(_query: RouteQuery, { targets, count }: EligibleTargets): number {
    return targets[this.#stream.nextBelow(count)]!;
  }
}
