import { resolveConfig } from '#core/config/resolve.ts';
import type { RunResult } from '#sim/report/run-result.ts';
import { run } from '#sim/run.ts';
import { type HandRow, traceOf } from '#test/reference/hand-trace.ts';

/** A pass of prefill takes 10 ms, of decode 2 ms. */
const FIXED = { type: 'fixed', prefill_ms: 10, decode_ms: 2 };

type Section = Readonly<Record<string, unknown>>;

export interface HandCluster {
  readonly engine?: Section;
  readonly cluster?: Section;
  readonly kv_transfer?: Section;
  readonly traceBlockSize?: number;
}

/** Flies rows on one worker, or on the cluster that is given. */
export function flyHand(rows: readonly HandRow[], hand: HandCluster = {}): RunResult {
  const { cluster = { workers: 1 }, kv_transfer, traceBlockSize = 4 } = hand;
  const config = resolveConfig({
    cluster,
    engine: { block_size: 4, num_gpu_blocks: 64, timing: FIXED, ...hand.engine },
    router: { mode: 'round_robin' },
    workload: { trace_block_size: traceBlockSize },
    ...(kv_transfer !== undefined && { kv_transfer }),
  });
  return run({ config, seed: 1, ...traceOf(rows) });
}

/** A request of so many prompt and output tokens. */
export function at(atMs: number, input: number, output: number, ids?: number[]): HandRow {
  return ids === undefined ? { atMs, input, output } : { atMs, input, output, ids };
}

/** First and last token of each request, milliseconds since the run began. */
export function tokensMs({ requests }: RunResult): number[][] {
  return Array.from({ length: requests.count }, (_, row) => [
    requests.firstTokenNs[row]! / 1e6,
    requests.lastTokenNs[row]! / 1e6,
  ]);
}
