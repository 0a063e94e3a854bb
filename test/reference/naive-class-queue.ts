import type { PolicyClass } from '#core/router/queue/classes/class-profile.ts';
import { queueScore } from '#core/router/queue/queue-policy.ts';

/** A waiting request as the naive queue keeps it. */
export interface NaiveWaiting {
  readonly request: number;
  readonly policyClass: number;
  readonly pinnedTarget: number;
  readonly priority: number;
  readonly strictPriority: number;
  readonly arrivalSeconds: number;
  readonly inputTokens: number;
  readonly cachedTokens: number;
}

/**
 * Policy classes word by word: lists that are sorted when asked, and a ring that is walked class by
 * class and round by round, but for the rounds in which nobody could have paid.
 */
export class NaiveClassQueue {
  readonly waiting: NaiveWaiting[] = [];
  readonly deficit: number[];
  readonly #classes: readonly PolicyClass[];
  readonly #thresholds: readonly number[];
  readonly #bursts: boolean;
  #cursor = 0;

  constructor(classes: readonly PolicyClass[], thresholds: readonly number[], bursts: boolean) {
    this.#classes = classes;
    this.#bursts = bursts;
    this.#thresholds = thresholds;
    this.deficit = classes.map(() => 0);
  }

  push(request: NaiveWaiting): void {
    this.waiting.push(request);
  }

  cancel(request: number): void {
    const place = this.waiting.findIndex((entry) => entry.request === request);
    if (place >= 0) this.waiting.splice(place, 1);
    this.#forgetEmpty();
  }

  /** The next request that may leave under these active prefill tokens, one a target. */
  pop(prefillTokens: readonly number[]): NaiveWaiting | undefined {
    const heads = this.#classes.map((_, policyClass) => this.#head(policyClass, prefillTokens));
    if (heads.every((head) => head === undefined)) return undefined;
    const order = heads.map((_, step) => (this.#cursor + step) % heads.length);
    for (const policyClass of order) {
      const head = heads[policyClass];
      if (head === undefined) continue;
      if (this.deficit[policyClass]! < costOf(head)) this.#earn(policyClass, 1);
      if (this.deficit[policyClass]! >= costOf(head)) return this.#serve(head);
    }
    const rounds = heads.map((head, policyClass) => {
      if (head === undefined) return Infinity;
      return Math.ceil(
        (costOf(head) - this.deficit[policyClass]!) / this.#classes[policyClass]!.quantum,
      );
    });
    const least = Math.min(...rounds);
    for (const [policyClass, head] of heads.entries()) {
      if (head !== undefined) this.#earn(policyClass, least);
    }
    const winner = order.find((policyClass) => {
      const head = heads[policyClass];
      return head !== undefined && this.deficit[policyClass]! >= costOf(head);
    });
    return this.#serve(heads[winner!]!);
  }

  /** Requests, prompt tokens and cached tokens that wait in a class. */
  usage(policyClass: number): { requests: number; rawTokens: number; cachedTokens: number } {
    const members = this.waiting.filter((entry) => entry.policyClass === policyClass);
    return {
      requests: members.length,
      rawTokens: members.reduce((sum, { inputTokens }) => sum + inputTokens, 0),
      cachedTokens: members.reduce((sum, { cachedTokens }) => sum + cachedTokens, 0),
    };
  }

  #earn(policyClass: number, rounds: number): void {
    this.deficit[policyClass]! += rounds * this.#classes[policyClass]!.quantum;
  }

  #serve(head: NaiveWaiting): NaiveWaiting {
    this.deficit[head.policyClass]! -= costOf(head);
    this.#cursor = (head.policyClass + 1) % this.#classes.length;
    this.waiting.splice(this.waiting.indexOf(head), 1);
    this.#forgetEmpty();
    const next = this.#sorted(head.policyClass)[0];
    if (this.#bursts && next !== undefined && this.deficit[head.policyClass]! >= costOf(next)) {
      this.#cursor = head.policyClass;
    }
    return head;
  }

  #forgetEmpty(): void {
    for (const policyClass of this.deficit.keys()) {
      if (this.usage(policyClass).requests === 0) this.deficit[policyClass] = 0;
    }
  }

  /** The first of those that are first in their lane and not blocked. */
  #head(policyClass: number, prefillTokens: readonly number[]): NaiveWaiting | undefined {
    const sorted = this.#sorted(policyClass);
    const firsts = sorted.filter((entry, place) => {
      return sorted.findIndex((other) => other.pinnedTarget === entry.pinnedTarget) === place;
    });
    const threshold = this.#thresholds[policyClass]!;
    return firsts.find(({ pinnedTarget }) => {
      const load = pinnedTarget < 0 ? Math.min(...prefillTokens) : prefillTokens[pinnedTarget]!;
      return load <= threshold;
    });
  }

  #sorted(policyClass: number): readonly NaiveWaiting[] {
    const members = this.waiting.filter((entry) => entry.policyClass === policyClass);
    return members.toSorted((a, b) => this.#compare(a, b));
  }

  #compare(a: NaiveWaiting, b: NaiveWaiting): number {
    const byStrict = b.strictPriority - a.strictPriority;
    const byEntry = this.waiting.indexOf(a) - this.waiting.indexOf(b);
    return byStrict || this.#score(b) - this.#score(a) || byEntry;
  }

  #score(entry: NaiveWaiting): number {
    const { priority, arrivalSeconds, inputTokens, cachedTokens } = entry;
    const score = queueScore(this.#classes[entry.policyClass]!.queuePolicy);
    return score(priority, arrivalSeconds, inputTokens, cachedTokens);
  }
}

function costOf({ inputTokens, cachedTokens }: NaiveWaiting): number {
  return Math.max(1, inputTokens - cachedTokens);
}
