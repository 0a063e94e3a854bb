import { NS_PER_MS } from '#core/base/time.ts';
import type { EncodeOutcome } from '../cluster/encode/encode-outcome.ts';
import { Encoding } from '../cluster/encode/encode-table.ts';
import type { RequestTable } from '../workload/request-table.ts';
import { isCompleted } from './latency.ts';
import { describeSamples, type Statistics } from './statistics.ts';

/**
 * What completed requests waited for before the router was asked: their images and the like. The three
 * times follow one another from the arrival on, and are part of TTFT; 0 where all items were held.
 */
export interface EncodeSummary {
  /** Requests that came with items. */
  readonly requests: number;
  /** Distinct items of each of them, and those that did not have to be encoded for it. */
  readonly items: number;
  readonly cached_items: number;
  readonly cache_hit_ratio?: number;
  /** Until the first item was taken into a pass, or found in the cache. */
  readonly queue_ms: Statistics;
  /** Until all items were encoded. */
  readonly encode_ms: Statistics;
  /** Until the embeddings were where the prompt is computed. */
  readonly send_ms: Statistics;
}

/** The times of a summary in the order in which a request lives through them. */
export const ENCODE_TIMES = [
  { key: 'queue_ms', label: 'Encoder queue' },
  { key: 'encode_ms', label: 'Encode' },
  { key: 'send_ms', label: 'Send' },
] as const;

/** Adds up what became of the items of the completed requests that count. */
export function summariseEncodes({ table }: EncodeOutcome, requests: RequestTable): EncodeSummary {
  const rows: number[] = [];
  let items = 0;
  let cached_items = 0;
  for (let row = 0; row < Math.min(table.count, requests.count); row++) {
    const counts = isCompleted(requests, row) && requests.warmup[row] === 0;
    if (!counts || table.state[row] !== Encoding.entered) continue;
    rows.push(row);
    items += table.items[row]!;
    cached_items += table.cached[row]!;
  }
  const spans = (from: Float64Array, to: Float64Array): Statistics =>
    describeSamples(Float64Array.from(rows, (row) => (to[row]! - from[row]!) / NS_PER_MS));
  return {
    requests: rows.length,
    items,
    cached_items,
    ...(items > 0 && { cache_hit_ratio: cached_items / items }),
    queue_ms: spans(requests.arrivalNs, table.startNs),
    encode_ms: spans(table.startNs, table.encodedNs),
    send_ms: spans(table.encodedNs, table.enteredNs),
  };
}

/** When each request came to the first router: with its embeddings, or as it arrived. */
export function entriesOf(encode: EncodeOutcome | undefined, requests: RequestTable): Float64Array {
  return encode === undefined ? requests.arrivalNs : encode.table.entries(requests);
}
