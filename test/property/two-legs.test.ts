import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { run } from '#sim/run.ts';
import { traceOf } from '../reference/hand-trace.ts';
import { flyTwoLegs, type LegCluster, type LegRequest } from '../reference/naive-two-legs.ts';
import { check } from './check.ts';

const cluster = fc.record({
  prefillWorkers: fc.integer({ min: 1, max: 3 }),
  decodeWorkers: fc.integer({ min: 1, max: 3 }),
  prefillMs: fc.integer({ min: 1, max: 12 }),
  decodeMs: fc.integer({ min: 1, max: 5 }),
  transferMsPerToken: fc.integer({ min: 1, max: 3 }),
});

const requests = fc.array(
  fc.record({
    gapMs: fc.oneof(fc.constant(0), fc.nat({ max: 15 })),
    input: fc.integer({ min: 1, max: 12 }),
    output: fc.integer({ min: 1, max: 12 }),
  }),
  { minLength: 1, maxLength: 20 },
);

function fly(rows: readonly LegRequest[], setup: LegCluster, stepping: 'leap' | 'exact') {
  const config = resolveConfig({
    cluster: {
      pools: [
        { role: 'prefill', workers: setup.prefillWorkers },
        { role: 'decode', workers: setup.decodeWorkers },
      ],
    },
    engine: {
      stepping,
      block_size: 4,
      timing: { type: 'fixed', prefill_ms: setup.prefillMs, decode_ms: setup.decodeMs },
    },
    router: { mode: 'round_robin' },
    workload: { trace_block_size: 4 },
    kv_transfer: { bytes_per_token: 1e6, bandwidth_gb_s: 1 / setup.transferMsPerToken },
  });
  const named = rows.map((row, id) => {
    const blocks = Math.ceil(row.input / 4);
    return { ...row, ids: Array.from({ length: blocks }, (_, block) => 10 * id + block) };
  });
  return run({ config, seed: 1, ...traceOf(named) });
}

test('a prompt and its tokens on two workers are what a walk through every millisecond finds', () => {
  check(fc.record({ cluster, requests }), 50, (drawn) => {
    let atMs = 0;
    const rows = drawn.requests.map(({ gapMs, input, output }, row) => {
      atMs += row === 0 ? 0 : gapMs;
      return { atMs, input, output };
    });
    const naive = flyTwoLegs(rows, drawn.cluster).map(({ heldMs, arrivedMs, tokensMs }) => [
      heldMs,
      arrivedMs,
      tokensMs[0],
      tokensMs.at(-1),
      tokensMs.length,
    ]);
    for (const stepping of ['exact', 'leap'] as const) {
      const { requests: table, handOffs } = fly(rows, drawn.cluster, stepping);
      const flown = rows.map((_, row) => [
        Math.round(handOffs!.sourceHeldNs[row]! / 1e6),
        Math.round(handOffs!.transferredNs[row]! / 1e6),
        Math.round(table.firstTokenNs[row]! / 1e6),
        Math.round(table.lastTokenNs[row]! / 1e6),
        table.outputTokens[row],
      ]);
      expect(flown).toEqual(naive);
    }
  });
});
