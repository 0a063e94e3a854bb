import { once } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import type { FoundEngine } from '../serve/engine-scout.ts';
import type { WantedEngine } from './merge-lists.ts';

/**
 * asking: it has not answered yet; answered: it has, and joins; serving; leaving: requests that are
 * there go on, and no new ones come; refused: it answers and cannot be served.
 */
export type KeeperState = 'asking' | 'answered' | 'serving' | 'leaving' | 'refused';

/** What is done with engines. */
export interface EngineHands {
  /** Asks an engine until it answers; undefined when the signal aborts before. Rejects where it cannot be asked. */
  scout(engine: WantedEngine, signal: AbortSignal): Promise<FoundEngine | undefined>;
  /** Requests may go there from now on. Rejects, with nothing left behind, where they cannot. */
  join(found: FoundEngine): Promise<void>;
  /** No new requests go there. */
  hold(name: string): void;
  /** They do again. */
  resume(name: string): void;
  /** Whether the last request there has ended; false when the signal aborts before. */
  idle(name: string, signal: AbortSignal): Promise<boolean>;
  /** It is gone. */
  leave(name: string): Promise<void>;
  /** Told when an engine's state has changed. */
  changed(keeper: EngineKeeper): void;
}

/**
 * Keeps one engine in line with the lists: asked while it is listed, served when it answers, drained
 * when it is listed no more or otherwise. It is over when the engine is gone.
 */
export class EngineKeeper {
  readonly name: string;
  state: KeeperState = 'asking';
  /** Why it is refused. */
  fault: unknown;
  isOver = false;
  readonly ended: Promise<void>;
  readonly #hands: EngineHands;
  /** What the lists say of it now; undefined = it is to leave. */
  #wanted: WantedEngine | undefined;
  /** What is there, or is asked for. */
  #present: WantedEngine;
  #change = new AbortController();
  #isClosed = false;

  constructor(wanted: WantedEngine, hands: EngineHands) {
    this.name = wanted.entry.name;
    this.#wanted = wanted;
    this.#present = wanted;
    this.#hands = hands;
    this.ended = this.#keep();
  }

  /** The engine as it is asked or served, which may be otherwise than the lists have it by now. */
  get present(): WantedEngine {
    return this.#present;
  }

  /** Takes what the lists say now. */
  want(wanted: WantedEngine | undefined): void {
    if (isDeepStrictEqual(wanted, this.#wanted)) return;
    this.#wanted = wanted;
    this.#signalChange();
  }

  /** Lets go of the engine as it is. */
  close(): void {
    this.#isClosed = true;
    this.#signalChange();
  }

  #signalChange(): void {
    const before = this.#change;
    this.#change = new AbortController();
    before.abort();
  }

  async #keep(): Promise<void> {
    // Whoever makes a keeper has it before it tells of anything.
    await Promise.resolve();
    while (this.#wanted !== undefined && !this.#isClosed) {
      this.#present = this.#wanted;
      await this.#attempt(this.#wanted, this.#change.signal);
    }
    this.isOver = true;
    this.#hands.changed(this);
  }

  /** One life of the engine as it is listed. */
  async #attempt(wanted: WantedEngine, change: AbortSignal): Promise<void> {
    this.#enter('asking');
    try {
      const found = await this.#hands.scout(wanted, change);
      if (found === undefined || change.aborted) return;
      this.#enter('answered');
      await this.#hands.join(found);
    } catch (fault) {
      this.fault = fault;
      this.#enter('refused');
      if (!change.aborted) await once(change, 'abort');
      return;
    }
    this.#enter('serving');
    await this.#serve(wanted);
    if (!this.#isClosed) await this.#hands.leave(this.name);
  }

  /** Resolves when the engine has drained. */
  async #serve(served: WantedEngine): Promise<void> {
    const isWanted = (): boolean => isDeepStrictEqual(this.#wanted, served);
    while (!this.#isClosed) {
      while (isWanted() && !this.#isClosed) await once(this.#change.signal, 'abort');
      if (this.#isClosed) return;
      this.#hands.hold(this.name);
      this.#enter('leaving');
      while (!isWanted() && !this.#isClosed) {
        if (await this.#hands.idle(this.name, this.#change.signal)) return;
      }
      if (this.#isClosed) return;
      this.#hands.resume(this.name);
      this.#enter('serving');
    }
  }

  #enter(state: KeeperState): void {
    this.state = state;
    if (state !== 'refused') this.fault = undefined;
    this.#hands.changed(this);
  }
}
