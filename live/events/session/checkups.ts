import type { Ns } from '#core/base/time.ts';
import type { SessionOptions } from './session-options.ts';

/**
 * When an engine is asked without need: a quiet one whether something was missed, and one whose
 * history was given up for all of it. The longer in vain, the seldomer.
 */
export class Checkups {
  readonly #options: SessionOptions;
  #probeNs: Ns;
  #probeAtNs: Ns | undefined;
  #rebuildNs: Ns;
  #rebuildAtNs: Ns | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#probeNs = options.probeNs;
    this.#rebuildNs = options.rebuildNs;
  }

  get wakeupNs(): Ns | undefined {
    if (this.#rebuildAtNs === undefined) return this.#probeAtNs;
    return Math.min(this.#rebuildAtNs, this.#probeAtNs ?? this.#rebuildAtNs);
  }

  /** What to ask for now. */
  due(nowNs: Ns): 'rebuild' | 'verify' | undefined {
    if (this.#rebuildAtNs !== undefined && nowNs >= this.#rebuildAtNs) return 'rebuild';
    if (this.#probeAtNs !== undefined && nowNs >= this.#probeAtNs) return 'verify';
    return undefined;
  }

  /** The engine has just spoken: it is asked again only when it has been quiet for a while. */
  spoke(nowNs: Ns): void {
    this.#probeNs = this.#options.probeNs;
    this.#probeAtNs = nowNs + this.#probeNs;
  }

  /** The engine has confirmed what is known. */
  confirmed(nowNs: Ns): void {
    this.#probeAtNs = nowNs + this.#probeNs;
    this.#probeNs = Math.min(2 * this.#probeNs, this.#options.probeMaxNs);
  }

  /** The replay socket does not answer. */
  unanswered(nowNs: Ns): void {
    this.#probeAtNs = nowNs + this.#options.probeMaxNs;
  }

  /** Something is missing that all of the history would bring back. */
  rebuildLater(nowNs: Ns): void {
    this.#rebuildAtNs = nowNs + this.#rebuildNs;
    this.#rebuildNs = Math.min(2 * this.#rebuildNs, this.#options.rebuildMaxNs);
  }

  /** The engine remembers too little for that: it is not asked again. */
  cannotRebuild(nowNs: Ns): void {
    this.#rebuildAtNs = undefined;
    this.#probeAtNs = nowNs + this.#probeNs;
  }

  /** Nothing is missing any more. */
  whole(): void {
    this.#rebuildAtNs = undefined;
    this.#rebuildNs = this.#options.rebuildNs;
  }
}
