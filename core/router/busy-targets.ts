import { growColumn } from '#core/base/columns.ts';

/**
 * Which targets have more unfinished prefill than the threshold, and how many do.
 *
 *     #busy[target]   1 = busy
 */
export class BusyTargets {
  readonly #thresholdTokens: number;
  #busy = new Uint8Array(16);
  count = 0;

  /** `thresholdTokens`: a target with more active prefill tokens than this is busy. */
  constructor(thresholdTokens: number) {
    this.#thresholdTokens = thresholdTokens;
  }

  isBusy(target: number): boolean {
    return this.#busy[target] === 1;
  }

  /** Takes note of a target's active prefill tokens. */
  update(target: number, prefillTokens: number): void {
    this.#busy = growColumn(this.#busy, target + 1);
    const busy = prefillTokens > this.#thresholdTokens ? 1 : 0;
    this.count += busy - this.#busy[target]!;
    this.#busy[target] = busy;
  }
}
