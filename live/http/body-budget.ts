import { HttpFailure } from './http-failure.ts';

/** What one request holds of a budget. */
export interface BodyShare {
  /** Takes so many bytes more. Throws the 503 that a client is told where there are not as many. */
  take(bytes: number): void;
  /** Gives all of them back; nothing is taken afterwards. */
  giveBack(): void;
}

/**
 * How many bytes the bodies of all requests under way may have together: each is kept until its answer
 * is over, since another engine may have to get it, and no limit of a single one bounds their sum.
 */
export class BodyBudget {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes that are held now. */
  get bytes(): number {
    return this.#bytes;
  }

  share(): BodyShare {
    let held = 0;
    return {
      take: (bytes) => {
        if (this.#bytes + bytes > this.#maxBytes) throw this.#full();
        this.#bytes += bytes;
        held += bytes;
      },
      giveBack: () => {
        this.#bytes -= held;
        held = 0;
      },
    };
  }

  /** The rest of the body is not read, so that the connection cannot be used again. */
  #full(): HttpFailure {
    const message = `requests under way have ${this.#maxBytes} bytes already (http.max_total_body_bytes)`;
    return new HttpFailure(503, message, { headers: { connection: 'close' } });
  }
}
