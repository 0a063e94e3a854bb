import { expect, test } from 'vitest';
import { truthOf } from './truth.ts';

const row = { id: 'a', model: 'm', gpu: 'g', tp: 1, engine: 'vllm' };

test('a window of a busy server is scored by what a token cost each running request', () => {
  const workload = { kind: 'closed-loop', concurrency: 8 };
  const truth = truthOf({ ...row, workload, metrics: { avg_running: 8, output_tok_s: 400 } });
  expect(truth).toEqual({ tpotMs: 20, outputTokensPerS: 400 });
});

test('where ends are ignored, the length that was asked for counts, not tokens made again', () => {
  const workload = { kind: 'open-loop', request_rate: 5, ignore_eos: true, osl_nominal: 250 };
  const metrics = { req_s: 4, output_tok_s: 800 };
  expect(truthOf({ ...row, workload, metrics }).outputTokensPerS).toBe(1000);
});

test('of everything at once, no first token is scored: it is the end of a queue', () => {
  const metrics = { ttft_mean_ms: 40_000, tpot_mean_ms: 30 };
  expect(truthOf({ ...row, workload: { kind: 'burst' }, metrics })).toEqual({ tpotMs: 30 });
});
