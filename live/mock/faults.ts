import type { RandomStream } from '#core/base/random.ts';

/** What is wrong with an engine, on purpose. */
export interface FaultSettings {
  /** Nothing comes out of it any more: requests are taken, and wait. */
  hang: boolean;
  /** It does not even answer HTTP. */
  mute: boolean;
  /** Passes take so many times as long. */
  slow: number;
  /** `/health` says 503; nothing else changes. */
  unhealthy: boolean;
  /** Share of requests for answers that are refused at the door, and with what. */
  refuse: number;
  refuse_status: number;
  /** Share of answers that break off, the connection cut, after so many tokens. */
  break_off: number;
  break_after_tokens: number;
  /** Batches of KV events still to be lost: they have a number, and only a replay gives them. */
  drop_events: number;
}

export const NO_FAULTS: Readonly<FaultSettings> = {
  hang: false,
  mute: false,
  slow: 1,
  unhealthy: false,
  refuse: 0,
  refuse_status: 503,
  break_off: 0,
  break_after_tokens: 1,
  drop_events: 0,
};

/** The faults of an engine now, and who they befall. */
export class Faults {
  now: FaultSettings = { ...NO_FAULTS };
  /** Requests refused so far. */
  refused = 0;
  readonly #random: RandomStream;

  constructor(random: RandomStream) {
    this.#random = random;
  }

  /** Whether a request that comes now is refused. */
  refuses(): boolean {
    if (!this.#strikes(this.now.refuse)) return false;
    this.refused++;
    return true;
  }

  /** Tokens after which an answer that begins now breaks off; undefined = it does not. */
  breaksOffAfter(): number | undefined {
    return this.#strikes(this.now.break_off) ? this.now.break_after_tokens : undefined;
  }

  /** Whether the next batch of events gets lost. */
  dropsEvents(): boolean {
    if (this.now.drop_events === 0) return false;
    this.now.drop_events--;
    return true;
  }

  #strikes(share: number): boolean {
    return share > 0 && this.#random.nextFloat() < share;
  }
}
