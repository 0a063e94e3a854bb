import { expect, test } from 'vitest';
import { hostTime } from '#core/perf/host/host-time.ts';
import { findModel } from '#core/perf/models/find-model.ts';
import { deploymentOn } from '#core/perf/pass/deployment.fixture.ts';
import { estimate } from './estimate.ts';
import type { LoadPoint } from './load-point.ts';
import { serverDefaults } from './server-defaults.ts';

const deployment = deploymentOn('h100', 'meta-llama/Llama-3.1-8B-Instruct');

function question(changes: Partial<LoadPoint> = {}): LoadPoint {
  return {
    deployment,
    server: serverDefaults('vllm', deployment.gpu),
    host: hostTime({ engine: 'vllm', samples: false, layers: 32, tensorParallel: 1 }),
    load: { kind: 'closed', concurrency: 16, start: 'spread' },
    requests: 64,
    isl: { kind: 'fixed', tokens: 512 },
    osl: { kind: 'fixed', tokens: 64 },
    seed: 1,
    ...changes,
  };
}

test('alone, a request takes a prefill pass and 63 decode passes', () => {
  const point = question({ load: { kind: 'closed', concurrency: 1, start: 'spread' } });
  const answer = estimate(point);
  const { ttft_ms, tpot_ms, e2e_ms } = answer;
  expect(e2e_ms!.mean).toBeCloseTo(ttft_ms!.mean + 63 * tpot_ms!.mean, 6);
  expect(tpot_ms!.p50).toBeCloseTo(tpot_ms!.p99, 6);
  // While its frontend has it, the engine is idle.
  const { frontendMs } = point.host;
  expect(answer.running_requests).toBeCloseTo(1 - frontendMs / e2e_ms!.mean, 6);
});

test("Little's law: clients are the rate times the mean time, part of it outside the engine", () => {
  const point = question();
  const answer = estimate(point);
  const rate = answer.request_throughput_rps;
  expect((rate * answer.e2e_ms!.mean) / 1000).toBeCloseTo(16, 6);
  const outside = (rate * point.host.frontendMs) / 1000;
  const waiting = answer.waiting_share * (16 - outside);
  expect(answer.running_requests + waiting + outside).toBeCloseTo(16, 6);
});

test('more clients wait longer for a token, and get more of them together', () => {
  const few = estimate(question());
  const many = estimate(
    question({ load: { kind: 'closed', concurrency: 64, start: 'spread' }, requests: 128 }),
  );
  expect(many.tpot_ms!.mean).toBeGreaterThan(few.tpot_ms!.mean);
  expect(many.output_throughput_tok_s).toBeGreaterThan(few.output_throughput_tok_s);
});

test('the same question gives the same answer, to the last bit', () => {
  expect(estimate(question())).toEqual(estimate(question()));
});

test('where requests wait for blocks, memory binds and the point is saturated', () => {
  const server = { ...serverDefaults('vllm', deployment.gpu), kvBlocks: 40 };
  const answer = estimate(question({ server }));
  expect([answer.binds, answer.saturated]).toEqual(['memory', true]);
});

test('where the engine takes no more sequences, that is what binds', () => {
  const server = { ...serverDefaults('vllm', deployment.gpu), maxNumSeqs: 4 };
  expect(estimate(question({ server })).binds).toBe('sequences');
});

test('where most clients wait, a short flight finds them as a long one does', () => {
  const load = { kind: 'closed', concurrency: 64, start: 'spread' } as const;
  const server = { ...serverDefaults('vllm', deployment.gpu), maxNumSeqs: 16 };
  const few = { ...serverDefaults('vllm', deployment.gpu), kvBlocks: 560 };
  for (const settings of [server, few]) {
    const short = estimate(question({ server: settings, load, requests: 128 }));
    const long = estimate(question({ server: settings, load, requests: 4096 }));
    expect(short.request_throughput_rps / long.request_throughput_rps).toBeGreaterThan(0.98);
    expect(short.request_throughput_rps / long.request_throughput_rps).toBeLessThan(1.02);
    expect(short.ttft_ms!.mean / long.ttft_ms!.mean).toBeGreaterThan(0.97);
    expect(short.ttft_ms!.mean / long.ttft_ms!.mean).toBeLessThan(1.03);
  }
});

test('a model that does not fit says by how much', () => {
  const model = findModel('meta-llama/Llama-3.1-405B-Instruct')!;
  expect(() => estimate(question({ deployment: { ...deployment, model } }))).toThrow(
    /Llama-3.1-405B-Instruct does not fit on 1 × h100-sxm: each GPU lacks 69\d\.\d GiB/,
  );
});

test('where prompts come faster than they are computed, operations bind, not memory', () => {
  const load = { kind: 'open', requestRate: 200, arrivals: 'constant' } as const;
  const isl = { kind: 'fixed', tokens: 4000 } as const;
  const osl = { kind: 'fixed', tokens: 2 } as const;
  const answer = estimate(question({ load, requests: 200, isl, osl }));
  expect([answer.binds, answer.saturated]).toEqual(['compute', true]);
  expect(answer.request_throughput_rps).toBeLessThan(20);
  // Its queue grows without end: the rate that it could sustain is told, and no error of TTFT.
  expect(answer.sustainable_rps).toBeCloseTo(answer.output_throughput_tok_s / 2, 6);
  expect(answer.band).toEqual({ tpot_percent: 8 });
});

test('an open loop that is slow enough leaves nobody waiting', () => {
  const load = { kind: 'open', requestRate: 1, arrivals: 'constant' } as const;
  const answer = estimate(question({ load, requests: 20 }));
  expect(answer.waiting_share).toBe(0);
  expect(answer.request_throughput_rps).toBeCloseTo(1, 6);
  expect(answer).not.toHaveProperty('sustainable_rps');
  expect(answer.band).toHaveProperty('ttft_percent');
});

test('with a cap, an open loop that is too fast waits outside: no more than the cap are under way', () => {
  const load = {
    kind: 'open',
    requestRate: 500,
    arrivals: 'constant',
    maxConcurrency: 20,
  } as const;
  const answer = estimate(question({ load, requests: 400 }));
  // Little's law, over the middle of the flight.
  const inside = (answer.request_throughput_rps * answer.e2e_ms!.mean) / 1000;
  expect(inside / 20).toBeCloseTo(1, 0);
  const uncapped = estimate(question({ load: { ...load, maxConcurrency: 400 }, requests: 400 }));
  expect(uncapped.e2e_ms!.mean).toBeGreaterThan(5 * answer.e2e_ms!.mean);
});

test('what clients give up is in no latency, but in the time of the rate', () => {
  const load = { kind: 'open', requestRate: 200, arrivals: 'constant' } as const;
  const isl = { kind: 'fixed', tokens: 4000 } as const;
  const slow = { load, requests: 200, isl, osl: { kind: 'fixed', tokens: 2 } } as const;
  const patient = estimate(question(slow));
  const answer = estimate(question({ ...slow, clientTimeoutMs: 2000 }));
  expect(answer.e2e_ms!.p99).toBeLessThanOrEqual(2000 + question().host.frontendMs);
  expect(answer.request_throughput_rps).toBeLessThan(patient.request_throughput_rps);
});

test('prompts first: nobody decodes beside a prompt, so that tokens wait longer', () => {
  const server = { ...serverDefaults('vllm', deployment.gpu), maxBatchedTokens: 2048 };
  const load = { kind: 'open', requestRate: 30, arrivals: 'poisson' } as const;
  const tpot = (promptsFirst: boolean) =>
    estimate(question({ load, requests: 100, server: { ...server, blockSize: 64, promptsFirst } }))
      .tpot_ms!.mean;
  expect(tpot(true)).toBeGreaterThan(1.1 * tpot(false));
});

test('ranks with attention of their own share the clients, and each has a cache of its own', () => {
  const experts = findModel('Qwen/Qwen3-30B-A3B')!;
  const ranks = { ...deployment, model: experts, dataParallel: 2, expertParallel: 2 };
  const server = { ...serverDefaults('vllm', deployment.gpu), maxNumSeqs: 1 };
  const load = { kind: 'closed', concurrency: 2, start: 'spread' } as const;
  const answer = estimate(question({ deployment: ranks, server, load }));
  // Of one sequence each: on a single rank the second client would wait.
  expect(answer.running_requests).toBeGreaterThan(1.5);
  expect(answer.waiting_share).toBeLessThan(0.02);
  expect(answer.kv_capacity_tokens).toBe(2 * answer.kv_capacity_tokens_per_rank!);
  expect(estimate(question())).not.toHaveProperty('kv_capacity_tokens_per_rank');
});
