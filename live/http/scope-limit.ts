import type { Ns } from '#core/base/time.ts';
import { type TokenBucket, takeToken, tokenBucket, waitForToken } from '#core/base/token-bucket.ts';
import { burstOf, type LimitConfig } from '#core/config/serve/limits.ts';

/** Why a request may not come in now. */
export interface Refusal {
  readonly kind: 'requests_per_sec' | 'concurrent';
  /** The bound that is met. */
  readonly most: number;
  /** When it may; 0 where nobody knows how long those under way will take. */
  readonly waitNs: Ns;
}

interface Usage {
  /** When the bucket will be full. */
  fullAtNs: Ns;
  /** Requests under way. */
  open: number;
}

/** Keys that are looked at whenever one is new: more than one, so that what is idle gets less. */
const LOOKED_AT = 2;

/**
 * One limit for each of many keys: clients or tenants, say. A key is remembered only while its requests
 * are under way or its bucket is not full; after that it is as good as new.
 */
export class ScopeLimit {
  readonly #bucket: TokenBucket | undefined;
  readonly #perSecond: number;
  readonly #concurrent: number;
  readonly #usages = new Map<string, Usage>();

  constructor(config: LimitConfig) {
    const { requests_per_sec: perSecond = 0, concurrent = Number.POSITIVE_INFINITY } = config;
    this.#bucket = perSecond === 0 ? undefined : tokenBucket(perSecond, burstOf(config));
    this.#perSecond = perSecond;
    this.#concurrent = concurrent;
  }

  /** Keys that are remembered. */
  get size(): number {
    return this.#usages.size;
  }

  /** Why no request of this key may come in now; undefined where one may. */
  refusal(key: string, nowNs: Ns): Refusal | undefined {
    const { fullAtNs, open } = this.#usages.get(key) ?? { fullAtNs: 0, open: 0 };
    if (open >= this.#concurrent) {
      return { kind: 'concurrent', most: this.#concurrent, waitNs: 0 };
    }
    const waitNs = this.#bucket === undefined ? 0 : waitForToken(this.#bucket, fullAtNs, nowNs);
    if (waitNs === 0) return undefined;
    return { kind: 'requests_per_sec', most: this.#perSecond, waitNs };
  }

  /** A request comes in that may. */
  enter(key: string, nowNs: Ns): void {
    const usage = this.#usages.get(key) ?? this.#begin(key, nowNs);
    usage.open++;
    if (this.#bucket !== undefined) {
      usage.fullAtNs = takeToken(this.#bucket, usage.fullAtNs, nowNs);
    }
  }

  /** One that came in is over. */
  leave(key: string): void {
    this.#usages.get(key)!.open--;
  }

  #begin(key: string, nowNs: Ns): Usage {
    this.#forgetIdle(nowNs);
    const usage = { fullAtNs: 0, open: 0 };
    this.#usages.set(key, usage);
    return usage;
  }

  /** Looks at those that were not looked at for longest; who is not idle goes to the end of the line. */
  #forgetIdle(nowNs: Ns): void {
    for (let look = 0; look < LOOKED_AT; look++) {
      const [oldest] = this.#usages;
      if (oldest === undefined) return;
      const [key, usage] = oldest;
      this.#usages.delete(key);
      if (usage.open > 0 || usage.fullAtNs > nowNs) this.#usages.set(key, usage);
    }
  }
}
