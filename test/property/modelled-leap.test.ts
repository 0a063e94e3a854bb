import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RunResult } from '#sim/report/run-result.ts';
import { check } from './check.ts';
import { flightArbitrary, flyRandom, type RandomFlight } from './random-flight.ts';

const EXPERTS = ['Qwen/Qwen3-30B-A3B', 'deepseek-ai/DeepSeek-V3'];

/** A model on a GPU, and what of its layout and its engine changes how long passes take. */
const modelled = fc.record({
  name: fc.constantFrom('Qwen/Qwen3-32B', ...EXPERTS),
  expert_imbalance: fc.constantFrom(1, 3),
  gpu: fc.constantFrom('h200-sxm', 'b200-sxm', 'a100-sxm'),
  tensor_parallel_size: fc.constantFrom(1, 4),
  quantization: fc.constantFrom('bf16', 'fp8'),
  kv_cache_dtype: fc.constantFrom('auto', 'fp8'),
  graphs: fc.constantFrom(
    {},
    { cudagraph_capture_sizes: [1, 4, 8] },
    { cudagraph_capture_sizes: 'any' },
    { enforce_eager: true },
  ),
  speedup_ratio: fc.constantFrom(1, 1, 0.5),
});

type Modelled = typeof modelled extends fc.Arbitrary<infer Drawn> ? Drawn : never;

/** The flight with the passes of a model, whose tiny pool is what the flight says. */
function withModel(flight: RandomFlight, drawn: Modelled): RandomFlight {
  const { name, gpu, graphs, expert_imbalance, ...own } = drawn;
  const { cluster, engine: drawnEngine, ...rest } = flight.config;
  const { data_parallel_size = 1, ...others } = drawnEngine;
  // Experts are shared over two ranks evenly, and over three not at all.
  const ranks = Math.min(Number(data_parallel_size), 2);
  const forExperts = { expert_imbalance, data_parallel_size: ranks };
  const engine = { ...own, ...graphs, ...(EXPERTS.includes(name) && forExperts) };
  return {
    ...flight,
    config: {
      ...rest,
      model: { name },
      cluster: { ...(cluster as object), gpu },
      engine: { ...others, ...engine, timing: { type: 'model' } },
    },
  };
}

const MOMENTS = ['firstAdmitNs', 'firstTokenNs', 'lastTokenNs', 'terminalNs'] as const;

function factsOf({ requests, passes, preemptions, peakKvBlocks }: RunResult) {
  const { count, status, worker, outputTokens, reusedTokens } = requests;
  const columns = [status, worker, outputTokens, reusedTokens].map((column) => [
    ...column.subarray(0, count),
  ]);
  return { columns, passes, preemptions, peakKvBlocks };
}

/** Every pass reads all weights, which takes any of these longer than this. */
const SHORTEST_PASS_NS = 1e6;

test('for a model on a GPU every moment of a leap is within a nanosecond a pass of stepping', () => {
  check(fc.tuple(flightArbitrary(['fixed']), modelled), 200, ([drawn, parts]) => {
    const flight = withModel(drawn, parts);
    const exact = flyRandom(flight, 'exact');
    const leap = flyRandom(flight, 'leap');
    expect(factsOf(leap)).toEqual(factsOf(exact));
    for (const name of MOMENTS) {
      for (let row = 0; row < exact.requests.count; row++) {
        const expected = exact.requests[name][row]!;
        const apart = Math.abs(leap.requests[name][row]! - expected);
        if (Number.isNaN(apart)) continue;
        expect(apart, `${name} of request ${row}`).toBeLessThanOrEqual(
          Math.ceil(expected / SHORTEST_PASS_NS) + 1,
        );
      }
    }
  });
});
