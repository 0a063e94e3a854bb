import type { Ns } from '#core/base/time.ts';
import type { SessionOptions } from './session-options.ts';

/** The replay of everything from one number on. */
export interface ReplayRequest {
  readonly id: number;
  readonly from: number;
}

/** Why a replay is asked for. */
export type Purpose = 'start' | 'gap' | 'verify' | 'rebuild';

/** A replay that is under way. */
export interface AskedReplay extends ReplayRequest {
  readonly purpose: Purpose;
  /** The number that was next when it was asked for. */
  readonly nextBefore: number;
  answered: boolean;
  deadlineNs: Ns;
}

/** One replay at a time: asked for, waited for, and asked for again after a while, up to a limit. */
export class ReplayAsker {
  readonly #options: SessionOptions;
  #asked: AskedReplay | undefined;
  #request: ReplayRequest | undefined;
  #retry: { readonly purpose: Purpose; readonly atNs: Ns } | undefined;
  #ids = 0;
  #attempts = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Why a replay is under way, or will be asked for again; undefined = neither. */
  get purpose(): Purpose | undefined {
    return this.#asked?.purpose ?? this.#retry?.purpose;
  }

  /** When the replay under way has failed, or the next attempt is due. */
  get wakeupNs(): Ns | undefined {
    return this.#asked?.deadlineNs ?? this.#retry?.atNs;
  }

  ask(purpose: Purpose, from: number, nextBefore: number, nowNs: Ns): void {
    const id = ++this.#ids;
    const deadlineNs = nowNs + this.#options.replayTimeoutNs;
    this.#retry = undefined;
    this.#request = { id, from };
    this.#asked = { id, from, purpose, nextBefore, answered: false, deadlineNs };
  }

  /** What is to be sent to the engine now. */
  takeRequest(): ReplayRequest | undefined {
    const request = this.#request;
    this.#request = undefined;
    return request;
  }

  /** The replay under way if it is this one: what comes of an earlier one is of no interest. */
  underWay(id: number): AskedReplay | undefined {
    return this.#asked?.id === id ? this.#asked : undefined;
  }

  /** A message of the replay has come: its time begins again. */
  prolong(asked: AskedReplay, nowNs: Ns): void {
    asked.deadlineNs = nowNs + this.#options.replayTimeoutNs;
  }

  /** The replay under way is over, for better or worse. */
  close(): void {
    this.#asked = undefined;
    this.#request = undefined;
  }

  /** Nothing is asked for any more. */
  stop(): void {
    this.close();
    this.#retry = undefined;
    this.#attempts = 0;
  }

  /** Something came of it: attempts are counted anew. */
  succeeded(): void {
    this.#attempts = 0;
  }

  /** Asks again after a while; false when that has been tried often enough. */
  retryLater(purpose: Purpose, nowNs: Ns): boolean {
    this.#attempts++;
    const { attemptsMax, backOffNs } = this.#options;
    if (this.#attempts >= attemptsMax) {
      this.#attempts = 0;
      return false;
    }
    this.#retry = { purpose, atNs: nowNs + backOffNs * 2 ** (this.#attempts - 1) };
    return true;
  }

  /** The replay whose time is over. */
  overdue(nowNs: Ns): AskedReplay | undefined {
    return this.#asked !== undefined && nowNs >= this.#asked.deadlineNs ? this.#asked : undefined;
  }

  /** What is to be asked for again now. */
  dueRetry(nowNs: Ns): Purpose | undefined {
    return this.#retry !== undefined && nowNs >= this.#retry.atNs ? this.#retry.purpose : undefined;
  }
}
