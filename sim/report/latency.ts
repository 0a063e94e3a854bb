import { NS_PER_MS } from '#core/base/time.ts';
import { NEVER, RequestStatus, type RequestTable, Task } from '../workload/request-table.ts';

/**
 * The latencies of one request, milliseconds, NaN where it has none. They are defined here and
 * nowhere else; `explain METRIC` prints the same words.
 */

/** Whether the request counts in the statistics: only completed ones do. */
export function isCompleted(table: RequestTable, row: number): boolean {
  return table.status[row] === RequestStatus.completed;
}

function spanMs(fromNs: number, toNs: number): number {
  return fromNs === NEVER || toNs === NEVER ? Number.NaN : (toNs - fromNs) / NS_PER_MS;
}

/** As the client sees it, on the other side of the frontend. */
function clientMs({ frontendNs }: RequestTable, fromNs: number, toNs: number): number {
  return spanMs(fromNs, toNs) + frontendNs / NS_PER_MS;
}

/** TTFT: arrival → first output token, and what the frontend takes. */
export function ttftMs(table: RequestTable, row: number): number {
  return clientMs(table, table.arrivalNs[row]!, table.firstTokenNs[row]!);
}

/** TPOT: mean gap of the request, its first token left out; needs two tokens. */
export function tpotMs(table: RequestTable, row: number): number {
  const gaps = table.outputTokens[row]! - 1;
  if (gaps < 1) return Number.NaN;
  return spanMs(table.firstTokenNs[row]!, table.lastTokenNs[row]!) / gaps;
}

/**
 * E2E: arrival → last output token, and what the frontend takes; a request without output has none,
 * unless it has a task that ends with its prompt.
 */
export function e2eMs(table: RequestTable, row: number): number {
  if (table.task[row] !== Task.generate && isCompleted(table, row)) return terminalMs(table, row);
  return clientMs(table, table.arrivalNs[row]!, table.lastTokenNs[row]!);
}

/** Queue time: arrival → first entry into a batch, in the router and in the worker. */
export function queueMs(table: RequestTable, row: number): number {
  return spanMs(table.arrivalNs[row]!, table.firstAdmitNs[row]!);
}

/** Arrival → end, also for a request without output; what an E2E target is held against. */
export function terminalMs(table: RequestTable, row: number): number {
  return clientMs(table, table.arrivalNs[row]!, table.terminalNs[row]!);
}

/** A latency as a function of a row. */
export type Latency = (table: RequestTable, row: number) => number;

/** The values of `latency` over the completed requests (of `rows`) that have one, in their order. */
export function collectLatency(
  table: RequestTable,
  latency: Latency,
  rows?: Int32Array,
): Float64Array {
  const total = rows?.length ?? table.count;
  const samples = new Float64Array(total);
  let count = 0;
  for (let index = 0; index < total; index++) {
    const row = rows === undefined ? index : rows[index]!;
    if (!isCompleted(table, row)) continue;
    const value = latency(table, row);
    if (!Number.isNaN(value)) samples[count++] = value;
  }
  return samples.subarray(0, count);
}
