import type { Fleet } from '../../fleet.ts';
import { PrefixBlindPolicy } from '../routing-policy.ts';

/** Each target in turn: a cursor that only grows, modulo the number of targets there are now. */
export class RoundRobinPolicy extends PrefixBlindPolicy {
  readonly #fleet: Fleet;
  #cursor = 0;

  constructor(fleet: Fleet) {
    super();
    this.#fleet = fleet;
  }

  override choose(): number {
    const place = this.#cursor % this.#fleet.count;
    this.#cursor++;
    return this.#fleet.targets[place]!;
  }
}
