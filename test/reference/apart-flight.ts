/** A list of rows that is filled and cleared: one of ours, or an array in disguise. */
interface Rows {
  readonly count: number;
  readonly rows: ArrayLike<number>;
  clear(): void;
}

/** What a flight asks of a worker of one rank that computes prompts, or decodes. */
export interface ApartWorker {
  readonly busy: boolean;
  readonly passEndNs: number;
  readonly held: Rows;
  readonly released: Rows;
  readonly reserved: Rows;
  readonly activated: Rows;
  readonly ended: Rows;
  readonly firstTokens: Rows;
  enqueue(rank: number, row: number, nowNs: number, passesBegan: boolean): boolean;
  release(rank: number, row: number, nowNs: number, passesBegan: boolean): boolean;
  reserve(rank: number, row: number, nowNs: number, passesBegan: boolean): boolean;
  activate(rank: number, row: number, nowNs: number, passesBegan: boolean): boolean;
  withdraw(rank: number, row: number, nowNs: number, passesBegan: boolean): boolean;
  missingTokens(row: number): number;
  startPass(nowNs: number): boolean;
  completePass(): void;
}

export interface ApartOptions {
  readonly prefill: readonly ApartWorker[];
  readonly decode: readonly ApartWorker[];
  readonly arrivalsNs: readonly number[];
  readonly inputTokens: readonly number[];
  /** The blocks are reserved before the prompt is computed. */
  readonly destinationFirst: boolean;
  /** How long it takes to copy so many tokens, ns. */
  readonly copyNs: (tokens: number) => number;
  /** What is copied: the prompt, or the whole blocks that the destination misses. */
  readonly copies: 'full_prompt' | 'destination_missing';
  /** Looks at the workers when everything of a moment has happened. */
  readonly after?: (nowNs: number) => void;
}

/** When each request came to which point; −1 = never. */
export interface HandOver {
  heldNs: number;
  reservedNs: number;
  activatedNs: number;
  releasedNs: number;
}

interface Copy {
  readonly row: number;
  readonly endNs: number;
}

/**
 * Sends requests through workers that compute prompts and others that decode, both in turn, and hands
 * each over between the two: one loop over all moments at which something happens. At one moment
 * passes end first, those of the prompts before those that decode; then copies, then requests arrive,
 * then passes begin.
 */
export class ApartFlight {
  readonly handOvers: HandOver[];
  readonly #options: ApartOptions;
  #copies: Copy[] = [];
  /** Where each request is sent; in turn, at the moment in which it is. */
  readonly #sources: ApartWorker[] = [];
  readonly #destinations: ApartWorker[] = [];
  #sent = 0;
  #reserved = 0;
  #nowNs = 0;

  constructor(options: ApartOptions) {
    this.#options = options;
    this.handOvers = options.arrivalsNs.map(() => ({
      heldNs: -1,
      reservedNs: -1,
      activatedNs: -1,
      releasedNs: -1,
    }));
  }

  /** Flies to the end, and returns when that was. */
  fly(): number {
    const { arrivalsNs, after } = this.#options;
    let next = 0;
    for (;;) {
      const nowNs = Math.min(this.#nextEndNs(), arrivalsNs[next] ?? Number.POSITIVE_INFINITY);
      if (nowNs === Number.POSITIVE_INFINITY) return this.#nowNs;
      // A pass that takes no time ends in the moment in which it began.
      const again = nowNs === this.#nowNs && next > 0;
      this.#nowNs = nowNs;
      this.#completeDue(again);
      const due = this.#copies.filter(({ endNs }) => endNs === nowNs);
      this.#copies = this.#copies.filter(({ endNs }) => endNs !== nowNs);
      for (const { row } of due) this.#copied(row, again);
      for (; arrivalsNs[next] === nowNs; next++) this.#arrive(next, again);
      this.#completeDue(again);
      for (const worker of this.#workers()) if (!worker.busy) worker.startPass(nowNs);
      after?.(nowNs);
    }
  }

  #workers(): ApartWorker[] {
    return [...this.#options.prefill, ...this.#options.decode];
  }

  #nextEndNs(): number {
    const passes = this.#workers().filter(({ busy }) => busy);
    return Math.min(
      ...passes.map(({ passEndNs }) => passEndNs),
      ...this.#copies.map(({ endNs }) => endNs),
    );
  }

  #completeDue(again: boolean): void {
    for (const worker of this.#workers()) {
      if (!worker.busy || worker.passEndNs !== this.#nowNs) continue;
      worker.completePass();
      this.#drain(worker, again);
    }
  }

  /** A worker was told something: a leap that ends in this very moment for it is over at once. */
  #asked(worker: ApartWorker, moved: boolean, again: boolean): void {
    if (moved && worker.passEndNs === this.#nowNs) worker.completePass();
    if (!worker.busy) this.#drain(worker, again);
  }

  #arrive(row: number, again: boolean): void {
    if (this.#options.destinationFirst) this.#reserve(row, again);
    else this.#send(row, again);
  }

  #send(row: number, again: boolean): void {
    const { prefill } = this.#options;
    const source = prefill[this.#sent++ % prefill.length]!;
    this.#sources[row] = source;
    this.#asked(source, source.enqueue(0, row, this.#nowNs, again), again);
  }

  #reserve(row: number, again: boolean): void {
    const { decode } = this.#options;
    const destination = decode[this.#reserved++ % decode.length]!;
    this.#destinations[row] = destination;
    this.#asked(destination, destination.reserve(0, row, this.#nowNs, again), again);
  }

  #copied(row: number, again: boolean): void {
    const destination = this.#destinations[row]!;
    this.#asked(destination, destination.activate(0, row, this.#nowNs, again), again);
  }

  /** A copy begins when the prompt is computed and has blocks to go to. */
  #copy(row: number): void {
    const { heldNs, reservedNs } = this.handOvers[row]!;
    if (heldNs < 0 || reservedNs < 0) return;
    const { copies, inputTokens, copyNs } = this.#options;
    const whole = copies === 'full_prompt';
    const tokens = whole ? inputTokens[row]! : this.#destinations[row]!.missingTokens(row);
    this.#copies.push({ row, endNs: this.#nowNs + copyNs(tokens) });
  }

  #drain(worker: ApartWorker, again: boolean): void {
    const nowNs = this.#nowNs;
    const { destinationFirst } = this.#options;
    for (const row of take(worker.released)) this.handOvers[row]!.releasedNs = nowNs;
    for (const row of take(worker.held)) {
      this.handOvers[row]!.heldNs = nowNs;
      if (destinationFirst) this.#copy(row);
      else this.#reserve(row, again);
    }
    for (const row of take(worker.reserved)) {
      this.handOvers[row]!.reservedNs = nowNs;
      if (destinationFirst) this.#send(row, again);
      else this.#copy(row);
    }
    for (const row of take(worker.activated)) {
      this.handOvers[row]!.activatedNs = nowNs;
      const source = this.#sources[row]!;
      this.#asked(source, source.release(0, row, nowNs, again), again);
    }
    const rows = take(worker.ended);
    if (this.#options.decode.includes(worker)) for (const row of rows) this.#abandon(row, again);
    else for (const row of rows) this.#withdraw(row, again);
    worker.firstTokens.clear();
  }

  /** A request whose prompt is not computed after all leaves the blocks that were reserved for it. */
  #withdraw(row: number, again: boolean): void {
    const destination = this.#destinations[row];
    if (destination === undefined) return;
    this.#asked(destination, destination.withdraw(0, row, this.#nowNs, again), again);
  }

  /** A request that the destination cannot serve has its prompt let go of. */
  #abandon(row: number, again: boolean): void {
    const { heldNs, releasedNs, reservedNs } = this.handOvers[row]!;
    if (heldNs < 0 || releasedNs >= 0 || reservedNs >= 0) return;
    const source = this.#sources[row]!;
    this.#asked(source, source.release(0, row, this.#nowNs, again), again);
  }
}

function take(list: Rows): number[] {
  const rows = Array.from({ length: list.count }, (_, index) => list.rows[index]!);
  list.clear();
  return rows;
}
