import type { Follower } from './follower.ts';
import type { EventFrame } from './frame.ts';
import type { SessionProgress } from './session-progress.ts';
import type { SessionLack } from './session-status.ts';

/** Follows a publisher without a replay socket: what is missed is missed. */
export class LiveFollower implements Follower {
  readonly trust = 'unverified';
  readonly #progress: SessionProgress;
  /** The next batch is taken whatever its number. */
  #adopts = true;

  constructor(progress: SessionProgress) {
    this.#progress = progress;
  }

  /** Nobody can be asked what was missed. */
  linkUp(): void {}

  linkDown(): void {
    if (!this.#progress.heard) return;
    this.#progress.lose('link_lost');
    this.#adopts = true;
  }

  live(frame: EventFrame): void {
    const progress = this.#progress;
    const { sequence } = frame;
    progress.heard = true;
    const isAnother = progress.hearsAnother(frame);
    if (this.#adopts || isAnother) {
      this.#begin(sequence, progress.lack ?? 'late_start');
    } else if (sequence < progress.next) {
      if (progress.isCopy(frame)) return;
      progress.counters.restarts++;
      this.#begin(sequence, 'late_start');
    } else if (sequence > progress.next) {
      progress.counters.gaps++;
      progress.lose('gap');
      progress.jump(sequence);
    }
    progress.apply(frame.payload);
  }

  /** From an engine's first batch on everything is known, from a later one on a part. */
  #begin(sequence: number, lack: SessionLack): void {
    this.#adopts = false;
    if (sequence === this.#progress.firstSequence) {
      this.#progress.beginAnew();
    } else {
      this.#progress.lose(lack);
      this.#progress.jump(sequence);
    }
  }
}
