/**
 * The circuit breaker before one engine. Closed, requests pass; after enough failures in a row it
 * opens, and none does; after a while it is half open, and one request alone tries the engine. When
 * that is answered others follow; when it fails the breaker is open again. Whoever owns it keeps the
 * time.
 */
export class CircuitBreaker {
  readonly #limit: number;
  #failures = 0;
  #state: 'closed' | 'open' | 'half_open' | 'tried' = 'closed';

  /** `limit`: failures in a row after which it opens; 0 = never. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** A request has ended well. */
  succeeded(): void {
    this.#failures = 0;
    this.#state = 'closed';
  }

  /** A request has failed; whether that opens the breaker. */
  failed(): boolean {
    this.#failures++;
    const isEnough = this.#limit > 0 && this.#failures >= this.#limit;
    if (!isEnough || this.#state === 'open') return false;
    this.#state = 'open';
    return true;
  }

  /** The engine has been left alone for long enough. */
  rested(): void {
    if (this.#state === 'open') this.#state = 'half_open';
  }

  /** A request is about to be sent; whether it is the one that tries the engine again. */
  tries(): boolean {
    if (this.#state !== 'half_open') return false;
    this.#state = 'tried';
    return true;
  }

  /** The engine begins to answer the one that tries it; whether others may follow by that. */
  answered(): boolean {
    if (this.#state !== 'tried') return false;
    this.#state = 'closed';
    return true;
  }

  /** The one that tries it has ended and told nothing of it; whether it is another's turn by that. */
  abandoned(): boolean {
    if (this.#state !== 'tried') return false;
    this.#state = 'half_open';
    return true;
  }
}
