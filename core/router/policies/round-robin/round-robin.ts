import type { Fleet } from '../../fleet.ts';
import type { RouteQuery } from '../../query.ts';
import { type EligibleTargets, PrefixBlindPolicy } from '../routing-policy.ts';

/**
 * Each target in turn: a cursor that only grows, modulo the number of targets that the request may
 * go to now.
 */
export class RoundRobinPolicy extends PrefixBlindPolicy {
  readonly #fleet: Fleet;
  #cursor = 0;

  constructor(fleet: Fleet) {
    super();
    this.#fleet = fleet;
  }

  override choose(): number {
    return this.#next(this.#fleet.targets, this.#fleet.count);
  }

  override chooseAmong(_query: RouteQuery, { targets, count }: EligibleTargets): number {
    return this.#next(targets, count);
  }

  #next(targets: Int32Array, count: number): number {
    const place = this.#cursor % count;
    this.#cursor++;
    return targets[place]!;
  }
}
