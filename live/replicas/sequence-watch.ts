/** Numbers that are remembered as missing; of more only how many is known. */
const MOST_MISSING = 4096;

/** Counts which of a publisher's messages are missing, while they may still come in any order. */
export class SequenceWatch {
  /** Messages that have not come. */
  missing = 0;
  /** Messages that have come again. */
  repeated = 0;
  readonly #gaps = new Set<number>();
  /** The number after the highest that has come. */
  #next: number;

  /** `first`: the number of the first message that was heard; what was said before was for others. */
  constructor(first: number) {
    this.#next = first;
  }

  /** A message has come. */
  take(sequence: number): void {
    if (sequence < this.#next) {
      if (this.#gaps.delete(sequence)) this.missing--;
      else this.repeated++;
      return;
    }
    this.missing += sequence - this.#next;
    for (let number = this.#next; number < sequence; number++) {
      if (this.#gaps.size === MOST_MISSING) break;
      this.#gaps.add(number);
    }
    this.#next = sequence + 1;
  }
}
