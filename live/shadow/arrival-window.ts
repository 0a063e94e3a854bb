import type { Arrival } from './advice.ts';
import type { EndedFact, SentFact } from './shadow-facts.ts';

/** Fewer say nothing. */
const FEWEST = 50;
/** Windows are flown again when so much of them is new. */
const RENEWED = 1 / 4;

/** The last so many requests that were answered whole, to be flown by other policies. */
export class ArrivalWindow {
  readonly #length: number;
  readonly #arrivals: Arrival[] = [];
  #next = 0;
  #fresh = 0;

  constructor(length: number) {
    this.#length = length;
  }

  /** A request was sent as `sent` says, and has ended. */
  add(sent: SentFact, { isWhole, generated }: EndedFact): void {
    if (!isWhole || generated === 0) return;
    const { inputTokens, hashes, priority, strictPriority, tenant, policyClass } = sent;
    this.#arrivals[this.#next] = {
      arrivedNs: sent.atNs - sent.queuedNs,
      ...{ inputTokens, outputTokens: generated, hashes, priority, strictPriority },
      ...(tenant !== undefined && { tenant }),
      ...(policyClass !== undefined && { policyClass }),
    };
    this.#next = (this.#next + 1) % this.#length;
    this.#fresh++;
  }

  /** The requests in the order of their arrival, when there is enough news; undefined else. */
  take(): readonly Arrival[] | undefined {
    const enough = Math.max(FEWEST, Math.min(this.#arrivals.length, this.#length) * RENEWED);
    if (this.#fresh < enough) return undefined;
    this.#fresh = 0;
    return [...this.#arrivals].sort((a, b) => a.arrivedNs - b.arrivedNs);
  }
}
