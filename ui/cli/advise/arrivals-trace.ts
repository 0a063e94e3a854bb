import { NS_PER_MS } from '#core/base/time.ts';
import type { Arrival } from '#live/shadow/advice.ts';
import { TraceBatch } from '#traces/batch.ts';
import type { LoadedTrace } from '#traces/loaded-trace.ts';

/**
 * Arrivals at a live router as a trace: when they came, with prompts that share what they shared. A
 * hash id is an engine block. Sessions are none of it: a request comes when it came, whenever the one
 * before it would have ended under another policy.
 */
export function traceOfArrivals(arrivals: readonly Arrival[], blockSize: number): LoadedTrace {
  const batch = new TraceBatch();
  const ids = new Map<bigint, number>();
  let named = 0;
  const first = arrivals[0]!.arrivedNs;
  for (const [line, arrival] of arrivals.entries()) {
    const { inputTokens, outputTokens, hashes } = arrival;
    const row = batch.append(line + 1, inputTokens, outputTokens);
    batch.timestampMs[row] = (arrival.arrivedNs - first) / NS_PER_MS;
    batch.priority[row] = arrival.priority;
    batch.strictPriority[row] = arrival.strictPriority;
    batch.tenantId[row] = arrival.tenant;
    batch.policyClass[row] = arrival.policyClass;
    for (let block = 0; block < Math.ceil(inputTokens / blockSize); block++) {
      const hash = hashes[block];
      const known = hash === undefined ? undefined : ids.get(hash);
      const id = known ?? named++;
      if (hash !== undefined) ids.set(hash, id);
      batch.appendHashId(id);
    }
  }
  return {
    path: 'the last arrivals',
    format: 'windtunnel',
    sha256: '',
    requests: arrivals.length,
    batches: [batch],
    hasContent: true,
    resendsOutput: false,
    sessions: 0,
    traceBlockSize: blockSize,
    notes: [],
  };
}
