import type { Fleet } from '../../fleet.ts';
import type { RouteQuery } from '../../query.ts';
import { type EligibleTargets, PrefixBlindPolicy } from '../routing-policy.ts';

/**
 * Each worker in turn, and of each its ranks in turn: a cursor that only grows, modulo the number of
 * targets that the request may go to now. Where these are not all ranks of some workers, each target
 * is taken in turn.
 */
export class RoundRobinPolicy extends PrefixBlindPolicy {
  readonly #fleet: Fleet;
  readonly #ranks: number;
  #cursor = 0;

  constructor(fleet: Fleet, ranks = 1) {
    super();
    this.#fleet = fleet;
    this.#ranks = ranks;
  }

  override choose(): number {
    return this.#next(this.#fleet.targets, this.#fleet.count);
  }

  override chooseAmong(_query: RouteQuery, { targets, count }: EligibleTargets): number {
    return this.#next(targets, count);
  }

  #next(targets: Int32Array, count: number): number {
    const turn = this.#cursor % count;
    this.#cursor++;
    const ranks = this.#ranks;
    if (ranks === 1 || count % ranks !== 0) return targets[turn]!;
    const workers = count / ranks;
    return targets[(turn % workers) * ranks + Math.floor(turn / workers)]!;
  }
}
