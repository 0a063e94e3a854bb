import { setImmediate } from 'node:timers/promises';
import { ownFaults } from '#live/faults.ts';
import type { BlockFacts } from '../block-facts.ts';
import type { Envelope } from './envelope.ts';
import { HeldBlocks } from './held-blocks.ts';
import { PlaneWriter, type PlaneWriterOptions } from './plane-writer.ts';

/** Most events that wait while a message is on its way: about a second of a large fleet. */
const MOST_WAITING = 100_000;

/** What became of messages. */
export interface PlaneCounts {
  readonly sent: number;
  readonly dropped: number;
}

export interface PlaneTellerOptions extends PlaneWriterOptions {
  /** How often everything is told again, ms; 0 = only by `repeat`. */
  readonly repeatMs: number;
  /** Facts go on to here. */
  readonly facts: BlockFacts;
  /** Takes the next messages, and says how many of them it could pass on. */
  readonly send: (messages: readonly Envelope[]) => Promise<number> | number;
}

/** Tells others what targets hold: each message has what gathered in one turn of the process. */
export class PlaneTeller implements PlaneCounts {
  /** The facts to tell instead of the router's own. */
  readonly facts: HeldBlocks;
  /** Messages that were passed on, and messages that were not. */
  sent = 0;
  dropped = 0;
  readonly #options: PlaneTellerOptions;
  readonly #writer: PlaneWriter;
  readonly #targets = new Set<number>();
  readonly #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #sending: Promise<void> | undefined;
  /** Messages have been handed over and are not through. */
  #isUnderWay = false;
  /** All that is held will be told next, so that what happens until then need not be. */
  #owesAll = false;

  constructor(options: PlaneTellerOptions) {
    this.#options = options;
    const writer = new PlaneWriter(options);
    this.#writer = writer;
    this.facts = new HeldBlocks(options.facts, {
      stored: (target, tier, block) => {
        this.#targets.add(target);
        this.#write(() => writer.stored(target, tier, block));
      },
      removed: (target, tier, block) => this.#write(() => writer.removed(target, tier, block)),
      cleared: (target) => this.#write(() => writer.cleared(target)),
    });
    const { repeatMs } = options;
    if (repeatMs > 0) this.#timer = setInterval(() => this.repeat(), repeatMs).unref();
  }

  /** Tells everything once more, a clear first, for those who came late. */
  repeat(): void {
    if (this.#isUnderWay) {
      this.#owesAll = true;
      return;
    }
    for (const target of this.#targets) this.#writer.repeat(target, this.facts);
    this.#sendSoon();
  }

  /** Resolves when what was under way is sent. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#isClosed = true;
    await this.#sending;
  }

  #write(write: () => void): void {
    if (this.#owesAll || this.#isClosed) return;
    write();
    if (this.#isUnderWay && this.#writer.waiting > MOST_WAITING) {
      this.#writer.drop();
      this.#owesAll = true;
    }
    this.#sendSoon();
  }

  #sendSoon(): void {
    if (!this.#isClosed) this.#sending ??= this.#send();
  }

  async #send(): Promise<void> {
    await setImmediate();
    const messages = this.#writer.take();
    this.#isUnderWay = true;
    let passed = 0;
    try {
      passed = await this.#options.send(messages);
    } catch (error) {
      ownFaults.meet('telling others of KV blocks', error);
    }
    this.sent += passed;
    this.dropped += messages.length - passed;
    this.#isUnderWay = false;
    this.#sending = undefined;
    if (this.#owesAll) {
      this.#owesAll = false;
      this.repeat();
    } else if (this.#writer.waiting > 0) {
      this.#sendSoon();
    }
  }
}
