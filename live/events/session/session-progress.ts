import { DigestRing } from './digest-ring.ts';
import type { EventFrame } from './frame.ts';
import type { SessionOptions } from './session-options.ts';
import type { SessionSink } from './session-sink.ts';
import { emptySessionCounters, type SessionCounters, type SessionLack } from './session-status.ts';

/** How far a session has come: what was applied, and what is missing for good. */
export class SessionProgress {
  readonly counters: SessionCounters = emptySessionCounters();
  /** The number of an engine's first batch. */
  readonly firstSequence: number;
  /** The subscription has its publisher. */
  linked = false;
  /** The engine has said something, or that there is nothing to say. */
  heard = false;
  /** Why the state is degraded or unverified. */
  lack: SessionLack | undefined;
  readonly #sink: SessionSink;
  readonly #digests: DigestRing;
  #next: number;
  #complete = true;
  #publisher = '';

  constructor({ firstSequence, remembered }: SessionOptions, sink: SessionSink) {
    this.firstSequence = firstSequence;
    this.#sink = sink;
    this.#next = firstSequence;
    this.#digests = new DigestRing(remembered);
    this.#digests.restart(firstSequence);
  }

  /** The number of the batch that is wanted next. */
  get next(): number {
    return this.#next;
  }

  /** Nothing is missing for good. */
  get isComplete(): boolean {
    return this.#complete;
  }

  /** The lowest number whose batch would be recognised. */
  get rememberedFrom(): number {
    return this.#digests.from;
  }

  /** Applies the next batch. */
  apply(payload: Uint8Array): ReturnType<SessionSink['batch']> {
    this.#digests.push(payload);
    this.#next++;
    this.counters.batches++;
    const outcome = this.#sink.batch(payload);
    if (outcome === 'cleared') {
      this.#complete = true;
      this.lack = undefined;
    } else if (outcome === 'unreadable') {
      this.counters.unreadable++;
      this.lose('unreadable_batch');
    }
    return outcome;
  }

  /** What is known may be wrong from now on, so that it is known no more. */
  lose(lack: SessionLack): void {
    this.#complete = false;
    this.lack = lack;
    this.#sink.forget();
  }

  /** The engine begins anew: so does what is known of it. */
  beginAnew(): void {
    this.#sink.restart();
    this.#complete = true;
    this.lack = undefined;
    this.jump(this.firstSequence);
  }

  /** Goes on with another number. */
  jump(sequence: number): void {
    this.#next = sequence;
    this.#digests.restart(sequence);
  }

  /** Whether the frame is the one that was applied under its number. */
  knows({ sequence, payload }: EventFrame): boolean {
    return this.#digests.matches(sequence, payload);
  }

  /** The same for a live frame, which is counted if it is. */
  isCopy(frame: EventFrame): boolean {
    const copy = this.knows(frame);
    if (copy) this.counters.duplicates++;
    return copy;
  }

  /** Whether somebody else speaks than before, where publishers say who they are. */
  hearsAnother({ publisher }: EventFrame): boolean {
    const before = this.#publisher;
    this.#publisher = publisher;
    return before !== '' && publisher !== '' && before !== publisher;
  }
}
