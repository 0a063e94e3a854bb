import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import type { HandOffTable } from '#sim/cluster/hand-off.ts';
import { run } from '#sim/run.ts';
import { NEVER, RequestStatus } from '#sim/workload/request-table.ts';
import { traceOf } from '../reference/hand-trace.ts';
import { check } from './check.ts';
import { timings } from './random-flight.ts';

const LAYERS = 5;

/** NVLink of the largest worker, bytes per nanosecond. */
const FASTEST = 4 * 450;

const pool = fc.record({
  workers: fc.integer({ min: 1, max: 3 }),
  gpus_per_worker: fc.constantFrom(1, 2, 4),
});

const network = fc.record({
  mode: fc.constant('shared' as const),
  gpus_per_node: fc.constantFrom(1, 2, 8),
  nic: fc.constantFrom('gpu' as const, 'node' as const),
  nic_gb_s: fc.constantFrom(0.1, 1, 7),
  nic_latency_us: fc.constantFrom(0, 3, 250),
  nodes_per_rack: fc.constantFrom(1, 2, 100),
  rack_gb_s: fc.constantFrom(0.3, 2, 100),
});

const flight = fc.record({
  prefill: pool,
  decode: pool,
  network,
  limit: fc.constantFrom(undefined, 0.5, 100),
  streaming: fc.constantFrom('none' as const, 'chunks' as const, 'layers' as const),
  timing_mode: fc.constantFrom('full_prompt' as const, 'destination_missing' as const),
  backend: fc.constantFrom('vllm' as const, 'sglang' as const, 'trtllm' as const),
  timing: fc.constantFrom('fixed', 'linear', 'table'),
  rows: fc.array(
    fc.record({
      gapMs: fc.oneof(fc.constant(0), fc.nat({ max: 20 })),
      ids: fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 4 }),
      missing: fc.nat({ max: 15 }),
      output: fc.nat({ max: 12 }),
    }),
    { minLength: 1, maxLength: 14 },
  ),
});

type Flight = typeof flight extends fc.Arbitrary<infer T> ? T : never;

function fly(drawn: Flight) {
  const { prefill, decode, limit } = drawn;
  const config = resolveConfig({
    cluster: {
      pools: [
        { role: 'prefill', ...prefill },
        { role: 'decode', ...decode },
      ],
    },
    engine: {
      backend: drawn.backend,
      block_size: 16,
      num_gpu_blocks: 64,
      // Prompts of more than one pass.
      ...(drawn.backend === 'sglang'
        ? { chunked_prefill_size: 32 }
        : { max_num_batched_tokens: 24 }),
      max_num_seqs: 8,
      timing: timings[drawn.timing] as { type: 'fixed'; prefill_ms: number; decode_ms: number },
    },
    router: { mode: 'round_robin' },
    workload: { trace_block_size: 16 },
    kv_transfer: {
      bytes_per_token: 100_000,
      timing_mode: drawn.timing_mode,
      streaming: drawn.streaming,
      ...(drawn.streaming === 'layers' && { num_layers: LAYERS }),
      ...(limit !== undefined && { bandwidth_gb_s: limit }),
    },
    network: drawn.network,
  });
  let atMs = 0;
  const rows = drawn.rows.map(({ gapMs, ids, missing, output }) => {
    atMs += gapMs;
    return { atMs, input: ids.length * 16 - missing, output, ids };
  });
  return run({ config, seed: 3, ...traceOf(rows) });
}

/** The prompt is computed, and the last layer of a token that was computed last is still to be sent. */
function earliestEnd({ streaming, limit }: Flight, handOffs: HandOffTable, row: number): number {
  const heldNs = handOffs.sourceHeldNs[row]!;
  if (streaming === 'none') return handOffs.transferNs[row]!;
  if (handOffs.transferBytes[row] === 0) return heldNs;
  const share = streaming === 'layers' ? 1 / LAYERS : 1;
  return heldNs + Math.floor((100_000 * share) / Math.min(limit ?? Infinity, FASTEST));
}

test('on shared links every request ends, no link is over its capacity, and all bytes arrive', () => {
  let moved = 0;
  check(flight, 150, (drawn) => {
    const { requests, handOffs, links, kvUsedAtEnd } = fly(drawn);
    let bytes = 0;
    for (let row = 0; row < requests.count; row++) {
      expect([RequestStatus.completed, RequestStatus.rejected]).toContain(requests.status[row]);
      if (handOffs!.transferredNs[row] === NEVER) continue;
      const fromNs = Math.max(handOffs!.transferNs[row]!, handOffs!.sourceHeldNs[row]!);
      const spanNs = handOffs!.transferredNs[row]! - fromNs;
      const fastest = Math.min(...links!.map(({ capacity }) => capacity), drawn.limit ?? Infinity);
      expect(spanNs).toBeLessThanOrEqual(
        // At worst all transfers of the run go through the narrowest link, one after another.
        (drawn.rows.length * 64 * 100_000) / fastest + drawn.rows.length * 1e6,
      );
      bytes += handOffs!.transferBytes[row]!;
      expect(handOffs!.transferredNs[row]).toBeGreaterThanOrEqual(
        earliestEnd(drawn, handOffs!, row),
      );
    }
    const leaving = links!.filter(({ name }) => /worker.*-out|node.*-out/.test(name));
    const left = leaving.reduce((sum, link) => sum + link.bytes, 0);
    expect(left).toBe(bytes);
    for (const { peakShare } of links!) expect(peakShare).toBeLessThanOrEqual(1);
    expect(kvUsedAtEnd.every((share) => share === 0)).toBe(true);
    moved += bytes;
  });
  if (process.env.WINDTUNNEL_PATH === undefined) expect(moved).toBeGreaterThan(1e8);
});
