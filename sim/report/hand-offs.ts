import { NS_PER_MS, type Ns } from '#core/base/time.ts';
import { HandOff, type HandOffTable } from '../cluster/hand-off.ts';
import { NEVER, type RequestTable } from '../workload/request-table.ts';
import { isCompleted } from './latency.ts';
import { describeSamples, type Statistics } from './statistics.ts';

/**
 * How completed requests got from a prefill worker to a decode worker. The five times follow one
 * another from the arrival, with embeddings where those are encoded before, to the first decode pass of a request, whose token ends its TTFT.
 */
export interface HandOffSummary {
  readonly requests: number;
  readonly transfer_bytes: number;
  /** Until the prompt came into a prefill worker's batch. */
  readonly prefill_queue_ms: Statistics;
  /** Until the prompt was computed. */
  readonly prefill_ms: Statistics;
  /** Until a decode worker had room for it; with destination_first that comes before the two above. */
  readonly decode_queue_ms: Statistics;
  readonly transfer_ms: Statistics;
  /** Until the decode worker, which may have been in a pass, took it into its batch. */
  readonly activation_ms: Statistics;
  /** How long prompts that were computed took up blocks of prefill workers. */
  readonly source_held_ms: Statistics;
}

/** The times of a summary in the order in which a request lives through them. */
export const HAND_OFF_TIMES = [
  { key: 'prefill_queue_ms', label: 'Prefill queue' },
  { key: 'prefill_ms', label: 'Prefill' },
  { key: 'decode_queue_ms', label: 'Decode queue' },
  { key: 'transfer_ms', label: 'Transfer' },
  { key: 'activation_ms', label: 'Activation' },
  { key: 'source_held_ms', label: 'Source held' },
] as const;

/** Adds up the hand-offs of the completed requests that count; `entriesNs`: when a router was asked. */
export function summariseHandOffs(
  table: HandOffTable,
  requests: RequestTable,
  entriesNs: Float64Array = requests.arrivalNs,
): HandOffSummary {
  const rows: number[] = [];
  let transfer_bytes = 0;
  for (let row = 0; row < Math.min(table.count, requests.count); row++) {
    const counts = isCompleted(requests, row) && requests.warmup[row] === 0;
    if (!counts || table.state[row] === HandOff.none) continue;
    rows.push(row);
    transfer_bytes += table.transferBytes[row]!;
  }
  const sourceFirst = table.order === 'source_first';
  const { prefillAdmitNs, sourceHeldNs, reservedNs, transferNs, transferredNs } = table;
  const spans = (from: Float64Array, to: Float64Array): Statistics =>
    describeSamples(spansMs(rows, from, to));
  return {
    requests: rows.length,
    transfer_bytes,
    prefill_queue_ms: spans(sourceFirst ? entriesNs : reservedNs, prefillAdmitNs),
    prefill_ms: spans(prefillAdmitNs, sourceHeldNs),
    decode_queue_ms: spans(sourceFirst ? sourceHeldNs : entriesNs, reservedNs),
    transfer_ms: spans(transferNs, transferredNs),
    activation_ms: spans(transferredNs, table.decodeAdmitNs),
    source_held_ms: spans(sourceHeldNs, table.releasedNs),
  };
}

/** Of the rows in which both moments came. */
function spansMs(rows: readonly number[], from: Float64Array, to: Float64Array): Float64Array {
  const present = (ns: Ns | undefined): boolean => ns !== undefined && ns !== NEVER;
  return Float64Array.from(
    rows.filter((row) => present(from[row]) && present(to[row])),
    (row) => (to[row]! - from[row]!) / NS_PER_MS,
  );
}
