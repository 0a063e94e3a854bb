import { setImmediate } from 'node:timers/promises';
import type { BlockFacts } from '../block-facts.ts';
import type { Envelope } from './envelope.ts';
import { HeldBlocks } from './held-blocks.ts';
import { PlaneWriter, type PlaneWriterOptions } from './plane-writer.ts';

export interface PlaneTellerOptions extends PlaneWriterOptions {
  /** How often everything is told again, ms; 0 = only by `repeat`. */
  readonly repeatMs: number;
  /** Facts go on to here. */
  readonly facts: BlockFacts;
  /** Takes the next messages. */
  readonly send: (messages: readonly Envelope[]) => Promise<void> | void;
}

/** Tells others what targets hold: each message has what gathered in one turn of the process. */
export class PlaneTeller {
  /** The facts to tell instead of the router's own. */
  readonly facts: HeldBlocks;
  readonly #options: PlaneTellerOptions;
  readonly #writer: PlaneWriter;
  readonly #targets = new Set<number>();
  readonly #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #sending: Promise<void> | undefined;

  constructor(options: PlaneTellerOptions) {
    this.#options = options;
    const writer = new PlaneWriter(options);
    this.#writer = writer;
    this.facts = new HeldBlocks(options.facts, {
      stored: (target, tier, block) => {
        this.#targets.add(target);
        writer.stored(target, tier, block);
        this.#sendSoon();
      },
      removed: (target, tier, block) => {
        writer.removed(target, tier, block);
        this.#sendSoon();
      },
      cleared: (target) => {
        writer.cleared(target);
        this.#sendSoon();
      },
    });
    const { repeatMs } = options;
    if (repeatMs > 0) this.#timer = setInterval(() => this.repeat(), repeatMs).unref();
  }

  /** Tells everything once more, a clear first, for those who came late. */
  repeat(): void {
    for (const target of this.#targets) this.#writer.repeat(target, this.facts);
    this.#sendSoon();
  }

  /** Resolves when what was under way is sent. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sending;
    this.#isClosed = true;
  }

  #sendSoon(): void {
    if (!this.#isClosed) this.#sending ??= this.#send();
  }

  async #send(): Promise<void> {
    await setImmediate();
    await this.#options.send(this.#writer.take());
    this.#sending = undefined;
    if (this.#writer.hasMore) this.#sendSoon();
  }
}
