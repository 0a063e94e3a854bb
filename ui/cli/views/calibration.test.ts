import { expect, test } from 'vitest';
import type { Calibration } from '#core/perf/calibration/calibration-file.ts';
import { calibrationTable, foreignWarnings } from './calibration.ts';

const summary = (median: number) => ({ median, mean: 0.5, p90: 0.9, bias: 0 });
const made: Calibration = {
  version: 1,
  deployment: {
    model: 'tiny',
    gpu: 'h100-sxm',
    engine: 'vllm',
    tensor_parallel: 1,
    pipeline_parallel: 1,
    quantization: 'bf16',
    kv_cache_dtype: 'bf16',
  },
  constants: {
    host_per_pass_ms: 1,
    host_per_request_ms: 0.01,
    compute_efficiency: 1.31,
    memory_efficiency: 0.3,
    new_shape_us_per_token: 0,
    between_passes_ms: 0,
    frontend_ms: 5,
  },
  deviations: { compute_efficiency: 0.01 },
  evidence: [
    {
      kind: 'requests',
      file: 'mine.jsonl',
      records: 200,
      fitted: ['compute_efficiency'],
      errors: {
        folds: 5,
        before: summary(0.495),
        after: summary(0.104),
        by: {
          tpot: { before: summary(0.4), after: summary(0.05) },
          ttft: { before: summary(0.6), after: summary(0.2) },
        },
      },
    },
  ],
};

test('errors of left-out records say what they are of', () => {
  const table = calibrationTable(made);
  expect(table).toMatch(/200 requests, TPOT +40\.0 % → 5\.0 %/);
  expect(table).toMatch(/200 requests, TTFT +60\.0 % → 20\.0 %/);
});

test('a fitted efficiency that no deployment reaches casts doubt on the evidence', () => {
  expect(foreignWarnings(made)).toEqual([
    'compute_efficiency 1.31 × fitted lies outside 0.5 to 1.3: the evidence may be of another model, GPU or TP',
  ]);
  expect(calibrationTable(made)).toContain('\n! compute_efficiency 1.31');
  const constants = { ...made.constants, compute_efficiency: 1.3 };
  expect(foreignWarnings({ ...made, constants })).toEqual([]);
});
