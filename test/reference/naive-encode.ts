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

interface NaiveEncoder {
  /** Held items, the one used longest ago first. */
  held: number[];
  readonly queue: { readonly row: number; readonly left: number[] }[];
  pass: number[];
  riders: number[];
  endMs: number;
}

/**
 * When all items of each request are encoded, and by whom, found by looking at every millisecond and
 * keeping caches as lists: passes end, requests arrive, passes begin.
 */
export function naiveEncode(
  arrivals: readonly NaiveArrival[],
  settings: NaiveEncode,
): { readonly encodedMs: number[]; readonly encoder: number[]; readonly passes: number } {
  const { workers, ms_per_item, base_ms, batch_items, cache_items } = settings;
  const encoders = Array.from({ length: workers }, (): NaiveEncoder => {
    return { held: [], queue: [], pass: [], riders: [], endMs: -1 };
  });
  const encodedMs: number[] = arrivals.map(() => -1);
  const encoder: number[] = arrivals.map(() => -1);
  let passes = 0;
  const use = (one: NaiveEncoder, item: number): void => {
    one.held = [...one.held.filter((held) => held !== item), item].slice(-cache_items || Infinity);
    if (cache_items === 0) one.held = [];
  };
  const loadOf = ({ queue, pass }: NaiveEncoder): number =>
    queue.reduce((sum, { left }) => sum + left.length, pass.length);
  const begin = (one: NaiveEncoder, atMs: number): void => {
    while (one.queue.length > 0) {
      const { row, left } = one.queue[0]!;
      let rides = false;
      while (left.length > 0) {
        const item = left[0]!;
        if (one.pass.includes(item)) rides = true;
        else if (one.held.includes(item)) use(one, item);
        else if (one.pass.length < batch_items) {
          one.pass.push(item);
          rides = true;
        } else break;
        left.shift();
      }
      if (left.length > 0) break;
      one.queue.shift();
      if (rides) one.riders.push(row);
      else encodedMs[row] = atMs;
    }
    if (one.pass.length === 0) return;
    passes++;
    one.endMs = atMs + base_ms + one.pass.length * ms_per_item;
  };
  for (let atMs = 0; encodedMs.includes(-1); atMs++) {
    for (const one of encoders) {
      if (one.pass.length === 0 || one.endMs !== atMs) continue;
      for (const item of one.pass) use(one, item);
      for (const row of one.riders) encodedMs[row] = atMs;
      one.pass = [];
      one.riders = [];
    }
    for (const [row, { atMs: comesMs, items }] of arrivals.entries()) {
      if (comesMs !== atMs) continue;
      const heldBy = encoders.map(({ held }) => items.filter((item) => held.includes(item)).length);
      const most = Math.max(...heldBy);
      const able = encoders.filter((_, index) => heldBy[index] === most);
      const least = Math.min(...able.map(loadOf));
      const chosen = able.find((one) => loadOf(one) === least)!;
      encoder[row] = encoders.indexOf(chosen);
      if (most === items.length) {
        for (const item of items) use(chosen, item);
        encodedMs[row] = atMs;
      } else chosen.queue.push({ row, left: [...items] });
    }
    for (const one of encoders) if (one.pass.length === 0) begin(one, atMs);
  }
  return { encodedMs, encoder, passes };
}
