/** A request with items, which arrives at a whole millisecond. */
export interface NaiveArrival {
  readonly atMs: number;
  readonly items: readonly number[];
}

export interface NaiveEncode {
  readonly workers: number;
  readonly ms_per_item: number;
  readonly base_ms: number;
  readonly batch_items: number;
  readonly cache_items: number;
}

class NaiveEncoder {
  /** Held items, the one used longest ago first. */
  held: number[] = [];
  readonly queue: { readonly row: number; readonly left: number[] }[] = [];
  passes = 0;
  #pass: number[] = [];
  #riders: number[] = [];
  #endMs = -1;
  readonly #settings: NaiveEncode;

  constructor(settings: NaiveEncode) {
    this.#settings = settings;
  }

  /** Items that it is to encode, or does now. */
  get load(): number {
    return this.queue.reduce((sum, { left }) => sum + left.length, this.#pass.length);
  }

  use(item: number): void {
    const { cache_items } = this.#settings;
    const used = [...this.held.filter((held) => held !== item), item];
    this.held = cache_items === 0 ? [] : used.slice(-cache_items);
  }

  /** Ends the pass whose time has come; returns the requests that it was the last of. */
  end(atMs: number): readonly number[] {
    if (this.#pass.length === 0 || this.#endMs !== atMs) return [];
    const riders = this.#riders;
    for (const item of this.#pass) this.use(item);
    this.#pass = [];
    this.#riders = [];
    return riders;
  }

  /** Begins a pass unless one is under way; returns the requests that found all their items. */
  begin(atMs: number): readonly number[] {
    if (this.#pass.length > 0) return [];
    const found: number[] = [];
    while (this.queue.length > 0) {
      const { row, left } = this.queue[0]!;
      const rides = this.#board(left);
      if (left.length > 0) break;
      this.queue.shift();
      if (rides) this.#riders.push(row);
      else found.push(row);
    }
    if (this.#pass.length > 0) {
      const { base_ms, ms_per_item } = this.#settings;
      this.passes++;
      this.#endMs = atMs + base_ms + this.#pass.length * ms_per_item;
    }
    return found;
  }

  /** Takes items of a request as far as they have room; whether any of them is in the pass. */
  #board(left: number[]): boolean {
    let rides = false;
    while (left.length > 0) {
      const item = left[0]!;
      if (this.#pass.includes(item)) rides = true;
      else if (this.held.includes(item)) this.use(item);
      else if (this.#pass.length < this.#settings.batch_items) {
        this.#pass.push(item);
        rides = true;
      } else break;
      left.shift();
    }
    return rides;
  }
}

/** The one that holds most of the items, among equals the one with the least to do. */
function choose(encoders: readonly NaiveEncoder[], items: readonly number[]): NaiveEncoder {
  const heldBy = encoders.map(({ held }) => items.filter((item) => held.includes(item)).length);
  const most = Math.max(...heldBy);
  const able = encoders.filter((_, index) => heldBy[index] === most);
  const least = Math.min(...able.map(({ load }) => load));
  return able.find(({ load }) => load === least)!;
}

/**
 * When all items of each request are encoded, and by whom, found by looking at every millisecond and
 * keeping caches as lists: passes end, requests arrive, passes begin.
 */
export function naiveEncode(
  arrivals: readonly NaiveArrival[],
  settings: NaiveEncode,
): { readonly encodedMs: number[]; readonly encoder: number[]; readonly passes: number } {
  const encoders = Array.from({ length: settings.workers }, () => new NaiveEncoder(settings));
  const encodedMs: number[] = arrivals.map(() => -1);
  const encoder: number[] = arrivals.map(() => -1);
  for (let atMs = 0; encodedMs.includes(-1); atMs++) {
    for (const row of encoders.flatMap((one) => one.end(atMs))) encodedMs[row] = atMs;
    for (const [row, { atMs: comesMs, items }] of arrivals.entries()) {
      if (comesMs !== atMs) continue;
      const chosen = choose(encoders, items);
      encoder[row] = encoders.indexOf(chosen);
      if (items.every((item) => chosen.held.includes(item))) {
        for (const item of items) chosen.use(item);
        encodedMs[row] = atMs;
      } else chosen.queue.push({ row, left: [...items] });
    }
    for (const row of encoders.flatMap((one) => one.begin(atMs))) encodedMs[row] = atMs;
  }
  const passes = encoders.reduce((sum, one) => sum + one.passes, 0);
  return { encodedMs, encoder, passes };
}
