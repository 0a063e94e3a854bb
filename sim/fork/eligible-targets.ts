import type { Choices, DecisionObserver } from '#core/router/decision-observer.ts';
import type { RouteQuery } from '#core/router/query.ts';

/** Notes where some requests could have gone when they were decided on, and changes nothing. */
export class EligibleTargetsObserver implements DecisionObserver {
  /** Request → its eligible targets, ascending. */
  readonly eligible = new Map<number, readonly number[]>();
  readonly #requests: ReadonlySet<number>;
  readonly #targets: readonly number[];

  /** @param targets how many there are */
  constructor(requests: Iterable<number>, targets: number) {
    this.#requests = new Set(requests);
    this.#targets = Array.from({ length: targets }, (_, target) => target);
  }

  chosen({ request }: Readonly<RouteQuery>, target: number, choices: Choices): number {
    if (this.#requests.has(request)) {
      const eligible = this.#targets.filter((other) => !choices.ineligibilityOf(other));
      this.eligible.set(request, eligible);
    }
    return target;
  }
}
