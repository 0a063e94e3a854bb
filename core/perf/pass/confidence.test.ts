import { expect, test } from 'vitest';
import { calibrationOf } from '../calibration/calibration.fixture.ts';
import type { Calibration, Evidence } from '../calibration/calibration-file.ts';
import { confidenceOf, type Extent } from './confidence.ts';
import { deploymentOn } from './deployment.fixture.ts';
import { TIMING_BANDS } from './provenance.ts';

const SMALL: Extent = {
  prefill_tokens: 2048,
  decode_requests: 8,
  context_tokens: 20_000,
  request_tokens: 3000,
};

const deployment = deploymentOn('h100', 'Qwen/Qwen3-8B');

const calibration: Calibration = {
  ...calibrationOf(deployment),
  evidence: [pointsOff(0.031, 0.1249)],
  range: { prefill_tokens: 512, decode_requests: 16, context_tokens: 9000 },
};

/** Evidence whose left-out medians are these shares of TPOT and TTFT. */
function pointsOff(tpot: number, ttft: number): Evidence {
  const off = (median: number) => {
    const summary = { median, mean: median, p90: median, bias: 0 };
    return { before: summary, after: summary };
  };
  const errors = { folds: 5, ...off(ttft), by: { tpot: off(tpot), ttft: off(ttft) } };
  return { kind: 'points', file: 'mine.jsonl', records: 30, fitted: [], errors };
}

test.each([
  ['h100', 'Qwen/Qwen3-8B', 'fitted', 'h100-sxm'],
  ['a100', 'Qwen/Qwen3-8B', 'spec-scaled', 'h100-sxm'],
  // Latent attention was measured nowhere.
  ['h100', 'deepseek-ai/DeepSeek-V3', 'spec-scaled', 'h100-sxm'],
] as const)('%s with %s is %s', (gpu, model, kind, kernels) => {
  const found = confidenceOf(deploymentOn(gpu, model), undefined, SMALL);
  const band = model.startsWith('Qwen') ? TIMING_BANDS[kind] : found.band;
  expect(found).toEqual({ provenance: { kind, kernels }, band });
});

test.each([
  // Of mixtures of experts a few points of one model are all the evidence.
  ['h100', 'mistralai/Mixtral-8x7B-v0.1', 'bf16', { tpot_percent: 22, ttft_percent: 40 }],
  ['a100', 'mistralai/Mixtral-8x7B-v0.1', 'bf16', { tpot_percent: 22, ttft_percent: 45 }],
  // Its blocks were measured on some GPUs, not on this one.
  ['a100', 'Qwen/Qwen3-8B', 'fp8_block', { tpot_percent: 35, ttft_percent: 45 }],
  ['h200', 'Qwen/Qwen3-8B', 'bf16', TIMING_BANDS.fitted],
] as const)('on %s, %s in %s has a band of its own', (gpu, model, quantization, band) => {
  const stored = deploymentOn(gpu, model, { quantization });
  expect(confidenceOf(stored, undefined, SMALL).band).toEqual(band);
});

test('attention of a shape that no kernel was measured with is said, unless it was calibrated', () => {
  const { model } = deployment;
  const sizes = { heads: 64, kvHeads: 1, headDim: 64, normalisesHeads: false };
  const wide = { kind: 'gqa', ...sizes } as const;
  const other = { ...deployment, model: { ...model, attention: wide } };
  expect(confidenceOf(other, undefined, SMALL).outside_range).toEqual([
    { of: 'heads_per_kv_head', flown: 64, measured: 16 },
    { of: 'head_dim', flown: 64, measured: 128 },
  ]);
  const own = { ...calibrationOf(other), range: SMALL };
  expect(confidenceOf(other, own, SMALL).outside_range).toBeUndefined();
});

test.each([
  ['h100', 'fp8_static', 'fitted'],
  ['b200', 'nvfp4', 'fitted'],
  // Hopper has no such products, and of these formats nobody has measured any.
  ['h100', 'nvfp4', 'spec-scaled'],
  ['h100', 'int8', 'spec-scaled'],
  ['h100', 'int4', 'spec-scaled'],
  ['b200', 'mxfp4', 'spec-scaled'],
  ['a100', 'bf16', 'spec-scaled'],
] as const)('on %s, %s is %s', (gpu, quantization, kind) => {
  const stored = deploymentOn(gpu, 'Qwen/Qwen3-8B', { quantization });
  expect(confidenceOf(stored, undefined, SMALL).provenance.kind).toBe(kind);
});

test('what went beyond the kernels that were measured is said', () => {
  const long = { ...SMALL, request_tokens: 200_000 };
  expect(confidenceOf(deployment, undefined, long).outside_range).toEqual([
    { of: 'request_tokens', flown: 200_000, measured: 131_072 },
  ]);
});

test('a calibration of the deployment has its own band and range', () => {
  const found = confidenceOf(deployment, calibration, SMALL);
  expect(found.provenance).toEqual({ kind: 'calibrated', kernels: 'h100-sxm' });
  expect(found.band).toEqual({ tpot_percent: 3.1, ttft_percent: 12.5 });
  expect(found.outside_range).toEqual([
    { of: 'prefill_tokens', flown: 2048, measured: 512 },
    { of: 'context_tokens', flown: 20_000, measured: 9000 },
  ]);
});

test('a model under another name is the same, one of another size is not and earns no better band', () => {
  const renamed = { ...deployment, model: { ...deployment.model, name: 'mine' } };
  expect(confidenceOf(renamed, calibration, SMALL).band.tpot_percent).toBe(3.1);
  const larger = confidenceOf(deploymentOn('h100', 'Qwen/Qwen3-14B'), calibration, SMALL);
  expect(larger.provenance.calibrated_on).toEqual({ model: 'Qwen/Qwen3-8B' });
  expect(larger.band).toEqual(TIMING_BANDS.fitted);
});

test('where passes were timed, a TTFT is as far off as one of them, a TPOT as a stretch of them', () => {
  const { errors } = pointsOff(0.02, 0.02);
  const single = pointsOff(0.11, 0.11).errors;
  const steps: Evidence = { ...pointsOff(0, 0), kind: 'steps', errors: { ...single, by: {} } };
  const stretches: Evidence = { ...steps, kind: 'stretches', errors: { ...errors, by: {} } };
  const bandOf = (evidence: readonly Evidence[]) =>
    confidenceOf(deployment, { ...calibration, evidence }, SMALL).band;
  expect(bandOf([steps])).toEqual({ tpot_percent: 11, ttft_percent: 11 });
  expect(bandOf([steps, stretches])).toEqual({ tpot_percent: 2, ttft_percent: 11 });
  expect(bandOf([])).toEqual(TIMING_BANDS.fitted);
});
