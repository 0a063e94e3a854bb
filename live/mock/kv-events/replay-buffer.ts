/** The last batches of a publisher, for those that have missed some. */
export class ReplayBuffer {
  readonly #steps: number;
  readonly #payloads: Uint8Array[] = [];
  #next = 0;

  /** @param steps how many batches it keeps. */
  constructor(steps: number) {
    this.#steps = steps;
  }

  /** Sequence number of the batch that comes next; the first is 0. */
  get next(): number {
    return this.#next;
  }

  /** Keeps a batch, and forgets the oldest where that is one too many. */
  push(payload: Uint8Array): void {
    this.#payloads[this.#next % this.#steps] = payload;
    this.#next++;
  }

  /** The batches from `from` on, as far as they are kept. */
  *since(from: number): Generator<readonly [sequence: number, payload: Uint8Array]> {
    const end = this.#next;
    for (let at = Math.max(from, end - this.#steps, 0); at < end; at++) {
      yield [at, this.#payloads[at % this.#steps]!];
    }
  }
}
