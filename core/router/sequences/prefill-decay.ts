import { growColumn } from '#core/base/columns.ts';
import type { Ns } from '#core/base/time.ts';

/**
 * Prompt tokens under way that shrink as time passes, by how long each prompt was expected to take.
 *
 * The prompts of a target stand in the order in which they were routed there; the oldest is taken to
 * be the one that the engine is computing, and `#anchorNs` is when it began. With Σ tokens of all
 * prompts, and a, d the tokens and the expected duration of the oldest:
 *
 *     every prompt has a duration   max(0, Σ − ⌊a · elapsed / d⌋)      the decay goes on past the oldest
 *     some have none                Σ − a + ⌈a · max(0, 1 − elapsed / d)⌉   only the oldest shrinks
 *     the oldest has none           Σ
 *
 * When the oldest is done, the next one begins now. When another one is done out of order, the engine
 * has spent its expected time on it and not on the oldest, whose beginning moves up by as much, at
 * most to now.
 *
 *     #tokens[request], #durationNs[request]   0 tokens = no entry; 0 ns = no expectation
 *     #older, #newer[request]                  neighbours on the target, −1 = end
 *     #oldest, #newest[target]                 ends of its list
 *     #sum[target]                             Σ
 *     #unmodelled[target]                      entries without expectation
 */
export class PrefillDecay {
  #tokens = new Float64Array(64);
  #durationNs = new Float64Array(64);
  #older = new Int32Array(64);
  #newer = new Int32Array(64);
  #oldest = new Int32Array(16).fill(-1);
  #newest = new Int32Array(16).fill(-1);
  #sum = new Float64Array(16);
  #unmodelled = new Int32Array(16);
  #anchorNs = new Float64Array(16);

  /** A prompt was routed to the target. No tokens, no entry. */
  add(
    request: number,
    target: number,
    tokens: number,
    durationNs: Ns | undefined,
    nowNs: Ns,
  ): void {
    this.#reserve(request, target);
    this.#tokens[request] = tokens;
    if (tokens === 0) return;
    // A prompt that takes no time at all would divide by it.
    this.#durationNs[request] = durationNs === undefined ? 0 : Math.max(1, durationNs);
    const last = this.#newest[target]!;
    this.#older[request] = last;
    this.#newer[request] = -1;
    if (last >= 0) this.#newer[last] = request;
    else this.#begin(target, request, nowNs);
    this.#newest[target] = request;
    this.#sum[target]! += tokens;
    if (durationNs === undefined) this.#unmodelled[target]! += 1;
  }

  /** The prompt is computed, or its request is gone. Repetitions are fine. */
  remove(request: number, target: number, nowNs: Ns): void {
    const tokens = request < this.#tokens.length ? this.#tokens[request]! : 0;
    if (tokens === 0) return;
    const durationNs = this.#durationNs[request]!;
    const older = this.#older[request]!;
    const newer = this.#newer[request]!;
    this.#tokens[request] = 0;
    this.#sum[target]! -= tokens;
    if (durationNs === 0) this.#unmodelled[target]! -= 1;
    if (newer >= 0) this.#older[newer] = older;
    else this.#newest[target] = older;
    if (older < 0) {
      this.#begin(target, newer, nowNs);
      return;
    }
    this.#newer[older] = newer;
    this.#anchorNs[target] = Math.min(nowNs, this.#anchorNs[target]! + durationNs);
  }

  /** Whether the target's tokens change as time passes. */
  decays(target: number): boolean {
    const oldest = target < this.#oldest.length ? this.#oldest[target]! : -1;
    return oldest >= 0 && this.#durationNs[oldest]! > 0;
  }

  /** Prompt tokens under way on the target at a moment that is not before any fact. */
  tokensAt(target: number, nowNs: Ns): number {
    const sum = target < this.#sum.length ? this.#sum[target]! : 0;
    if (!this.decays(target)) return sum;
    const oldest = this.#oldest[target]!;
    const tokens = this.#tokens[oldest]!;
    const elapsed = Math.max(0, nowNs - this.#anchorNs[target]!) / this.#durationNs[oldest]!;
    if (this.#unmodelled[target] === 0) return Math.max(0, sum - Math.floor(tokens * elapsed));
    return sum - tokens + Math.ceil(tokens * Math.max(0, 1 - elapsed));
  }

  /** The first moment from now on at which the target has at most `limit` tokens; Infinity = never. */
  fallsToNs(target: number, limit: number, nowNs: Ns): Ns {
    if (this.tokensAt(target, nowNs) <= limit) return nowNs;
    let above = nowNs;
    let span = 1;
    while (this.tokensAt(target, nowNs + span) > limit) {
      if (span > Number.MAX_SAFE_INTEGER / 4) return Number.POSITIVE_INFINITY;
      above = nowNs + span;
      span *= 2;
    }
    let reached = nowNs + span;
    while (reached - above > 1) {
      const middle = above + Math.floor((reached - above) / 2);
      if (this.tokensAt(target, middle) > limit) above = middle;
      else reached = middle;
    }
    return reached;
  }

  #begin(target: number, request: number, nowNs: Ns): void {
    this.#oldest[target] = request;
    this.#anchorNs[target] = nowNs;
    if (request >= 0) this.#older[request] = -1;
  }

  #reserve(request: number, target: number): void {
    this.#tokens = growColumn(this.#tokens, request + 1);
    this.#durationNs = growColumn(this.#durationNs, request + 1);
    this.#older = growColumn(this.#older, request + 1);
    this.#newer = growColumn(this.#newer, request + 1);
    const targets = this.#oldest.length;
    if (target < targets) return;
    this.#oldest = growColumn(this.#oldest, target + 1).fill(-1, targets);
    this.#newest = growColumn(this.#newest, target + 1).fill(-1, targets);
    this.#sum = growColumn(this.#sum, target + 1);
    this.#unmodelled = growColumn(this.#unmodelled, target + 1);
    this.#anchorNs = growColumn(this.#anchorNs, target + 1);
  }
}
