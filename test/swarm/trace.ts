import { type HandRow, type HandTrace, traceOf } from '#test/reference/hand-trace.ts';
import { TraceCollector } from '#traces/collector.ts';
import type { Flight } from './flight.ts';

/** A row as a line that states what is new in its turn. */
function deltaLine(row: HandRow, first: boolean): string {
  const { atMs, delayMs = 0, session, input, output, ids, tenant, media } = row;
  const time = first ? { timestamp: atMs } : { delay: delayMs };
  const lengths = { input_length: input, output_length: output, hash_ids: ids };
  return `${JSON.stringify({ ...time, session_id: session, tenant, mm_hashes: media, ...lengths })}\n`;
}

/** The traffic of a flight as a trace that was read. */
export function readTraffic(flight: Flight): HandTrace {
  if (!flight.resendsOutput) return traceOf(flight.rows);
  const traceBlockSize = flight.number('workload.trace_block_size', 512);
  const collector = new TraceCollector('swarm', { format: 'mooncake_delta', traceBlockSize });
  const begun = new Set<string>();
  const text = new TextEncoder();
  for (const row of flight.rows) {
    const first = row.session === undefined || !begun.has(row.session);
    if (row.session !== undefined) begun.add(row.session);
    collector.push(text.encode(deltaLine(row, first)));
  }
  return collector.finish('');
}
