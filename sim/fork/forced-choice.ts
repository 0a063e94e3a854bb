import { assert } from '#core/base/assert.ts';
import type { Choices, DecisionObserver } from '#core/router/decision-observer.ts';
import type { RouteQuery } from '#core/router/query.ts';

/**
 * Sends one request to another target than the policy chose; all else is the policy's. The target
 * must be eligible for the request when it is decided on.
 */
export class ForcedChoice implements DecisionObserver {
  /** What the policy chose for that request, −1 = it was never asked. */
  chosenTarget = -1;
  readonly #request: number;
  readonly #target: number;

  constructor(request: number, target: number) {
    this.#request = request;
    this.#target = target;
  }

  chosen({ request }: Readonly<RouteQuery>, target: number, choices: Choices): number {
    if (request !== this.#request) return target;
    const ineligibility = choices.ineligibilityOf(this.#target);
    assert(ineligibility === undefined, `target ${this.#target} is not eligible: ${ineligibility}`);
    this.chosenTarget = target;
    return this.#target;
  }
}
