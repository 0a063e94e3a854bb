/**
 * Batches that came before those in front of them, by sequence number, up to a limit of frames and
 * bytes.
 */
export class WaitingFrames {
  readonly #frames = new Map<number, Uint8Array>();
  readonly #framesMax: number;
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(framesMax: number, bytesMax: number) {
    this.#framesMax = framesMax;
    this.#bytesMax = bytesMax;
  }

  get size(): number {
    return this.#frames.size;
  }

  /** More than may wait. */
  get isOverfull(): boolean {
    return this.#frames.size > this.#framesMax || this.#bytes > this.#bytesMax;
  }

  /** Keeps a batch; one that is there already stays. */
  put(sequence: number, payload: Uint8Array): void {
    if (this.#frames.has(sequence)) return;
    this.#frames.set(sequence, payload);
    this.#bytes += payload.length;
  }

  /** Takes the batch with the number out, undefined = it is not here. */
  take(sequence: number): Uint8Array | undefined {
    const payload = this.#frames.get(sequence);
    if (payload === undefined) return undefined;
    this.#frames.delete(sequence);
    this.#bytes -= payload.length;
    return payload;
  }

  clear(): void {
    this.#frames.clear();
    this.#bytes = 0;
  }

  /** Where the last run of numbers without a gap begins, undefined when nothing waits. */
  lastRunStart(): number | undefined {
    if (this.#frames.size === 0) return undefined;
    let start = -1;
    for (const sequence of this.#frames.keys()) if (sequence > start) start = sequence;
    while (this.#frames.has(start - 1)) start--;
    return start;
  }

  /** Forgets what is before a number. */
  dropBefore(sequence: number): void {
    for (const waiting of [...this.#frames.keys()]) if (waiting < sequence) this.take(waiting);
  }
}
