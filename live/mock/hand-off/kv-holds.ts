import type { Ns } from '#core/base/time.ts';
import type { WakingClock } from '../time/waking-clock.ts';

/** A prompt that is computed here and wanted elsewhere. */
interface Hold {
  /** Lets go of it; undefined while it is not computed yet. */
  release: (() => void) | undefined;
  /** Those that wait for it. */
  readonly waiting: ((isThere: boolean) => void)[];
  undoEnd: () => void;
}

/**
 * Prompts that a prefill engine holds until somebody has copied them, each under a key that only those
 * know who were told; for longer than a lease none is held, or waited for.
 */
export class KvHolds {
  readonly #clock: WakingClock;
  readonly #leaseNs: Ns;
  readonly #holds = new Map<string, Hold>();

  constructor(clock: WakingClock, leaseNs: Ns) {
    this.#clock = clock;
    this.#leaseNs = leaseNs;
  }

  /** Prompts held or waited for. */
  get count(): number {
    return this.#holds.size;
  }

  /** A prompt is computed and held; `release` is called once, when it is copied or its lease is over. */
  hold(key: string, release: () => void): void {
    const hold = this.#of(key);
    hold.release = release;
    this.#extend(key, hold);
    for (const tell of hold.waiting.splice(0)) tell(true);
  }

  /** True as soon as the prompt is held; where nobody waits for it to come, false if it is not. */
  claim(key: string, waits: boolean): Promise<boolean> {
    const known = this.#holds.get(key);
    if (known?.release !== undefined) {
      this.#extend(key, known);
      return Promise.resolve(true);
    }
    if (!waits) return Promise.resolve(false);
    const hold = this.#of(key);
    return new Promise((resolve) => hold.waiting.push(resolve));
  }

  /** It has been copied, or will never be: false where nothing is held under the key. */
  end(key: string): boolean {
    const hold = this.#holds.get(key);
    if (hold === undefined) return false;
    this.#holds.delete(key);
    hold.undoEnd();
    hold.release?.();
    for (const tell of hold.waiting.splice(0)) tell(false);
    return hold.release !== undefined;
  }

  #of(key: string): Hold {
    const known = this.#holds.get(key);
    if (known !== undefined) return known;
    const hold: Hold = { release: undefined, waiting: [], undoEnd: () => {} };
    this.#holds.set(key, hold);
    this.#extend(key, hold);
    return hold;
  }

  #extend(key: string, hold: Hold): void {
    hold.undoEnd();
    const atNs = this.#clock.nowNs() + this.#leaseNs;
    hold.undoEnd = this.#clock.wakeAt(atNs, () => void this.end(key));
  }
}
