import type { DecisionObserver } from '#core/router/decision-observer.ts';
import type { RouteQuery } from '#core/router/query.ts';

/** Sends one request to another target than the policy chose; all else is the policy's. */
export class ForcedChoice implements DecisionObserver {
  /** What the policy chose for that request, −1 = it was never asked. */
  chosenTarget = -1;
  readonly #request: number;
  readonly #target: number;

  constructor(request: number, target: number) {
    this.#request = request;
    this.#target = target;
  }

  chosen({ request }: Readonly<RouteQuery>, target: number): number {
    if (request !== this.#request) return target;
    this.chosenTarget = target;
    return this.#target;
  }
}
