import { expect, test } from 'vitest';
import { deploymentOn } from '../pass/deployment.fixture.ts';
import { decodeSums, promptSums } from '../pass/pass-sums.ts';
import { defaultConstants } from './constants.ts';
import { fitSteps, STEP_CONSTANTS, stepModel } from './fit-steps.ts';
import type { StepRow } from './step-evidence.ts';

const deployment = deploymentOn('h100', 'Qwen/Qwen3-8B');

const defaults = defaultConstants({ perPassMs: 0.5, perRequestMs: 0.005, frontendMs: 17 });
const truth = {
  ...defaults,
  host_per_pass_ms: 4,
  host_per_request_ms: 0.05,
  compute_efficiency: 0.8,
  memory_efficiency: 0.9,
};

function prompt(tokens: number): StepRow {
  return { ms: 0, firstOfSize: false, sums: promptSums(tokens) };
}

function decode(requests: number, context: number): StepRow {
  return { ms: 0, firstOfSize: false, sums: decodeSums(requests, requests * context) };
}

/** Steps as they would have been measured, had the truth been so. */
function measured(rows: readonly StepRow[]): StepRow[] {
  const ms = stepModel(deployment, rows)(truth);
  return rows.map((row, index) => ({ ...row, ms: ms[index]! }));
}

const decodes = [1, 2, 8, 32, 128].flatMap((requests) =>
  [128, 1024, 4096, 8192].map((context) => decode(requests, context)),
);
const prompts = [128, 256, 512, 1024, 2048, 4096].map(prompt);

test('constants that steps were made with are found in them', () => {
  const { fit, errors } = fitSteps(
    deployment,
    measured([...decodes, ...prompts, ...decodes]),
    defaults,
    STEP_CONSTANTS,
  );
  for (const name of ['host_per_pass_ms', 'compute_efficiency', 'memory_efficiency'] as const) {
    expect(fit.constants[name] / truth[name]).toBeCloseTo(1, 1);
  }
  expect(fit.constants.new_shape_us_per_token).toBe(0);
  expect(errors.after.median).toBeLessThan(0.01);
  expect(errors.before.median).toBeGreaterThan(0.1);
});

test('decode steps alone do not tell how fast prompts are computed, and say so', () => {
  expect(() => fitSteps(deployment, measured(decodes), defaults, STEP_CONSTANTS)).toThrow(
    expect.objectContaining({
      code: 'calibration_unidentified',
      message: expect.stringMatching(
        /compute_efficiency needs prefill steps .* --keep compute_efficiency/,
      ),
    }),
  );
});

test('a constant that is kept needs no evidence', () => {
  const names = STEP_CONSTANTS.filter((name) => name !== 'compute_efficiency');
  const { fit } = fitSteps(deployment, measured(decodes), defaults, names);
  expect(fit.constants.compute_efficiency).toBe(1);
});
