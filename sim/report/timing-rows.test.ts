import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { describeDeployment } from '#core/perf/calibration/calibration-file.ts';
import { defaultConstants } from '#core/perf/calibration/constants.ts';
import { hostTime } from '#core/perf/host/host-time.ts';
import { deploymentOn } from '#core/perf/pass/deployment.fixture.ts';
import { TIMING_BANDS } from '#core/perf/pass/provenance.ts';
import { TraceBatch } from '#traces/batch.ts';
import { run } from '../run.ts';
import { confidenceText } from './confidence-text.ts';
import { buildReport, type Report } from './report.ts';

const TRACE = { path: 't.jsonl', sha256: '', format: 'mooncake', requests: 2 };

/** Two requests at once on one worker, but for what the case says. */
function reportOf(engine: object, rest: object = {}): Report {
  const batch = new TraceBatch();
  for (const line of [1, 2]) batch.timestampMs[batch.append(line, 3000, 20)] = 0;
  const config = resolveConfig({
    model: { name: 'Qwen/Qwen3-8B' },
    cluster: { gpu: 'h100-sxm', workers: 1 },
    engine: { timing: { type: 'model' }, ...engine },
    router: { mode: 'round_robin' },
    ...rest,
  });
  const result = run({ config, seed: 1, batches: [batch], hasContent: false, sessions: 0 });
  return buildReport(result, { config, configSha256: '', seed: 1, trace: TRACE });
}

/** Constants of the deployment above as nobody has measured them, but for what the case says. */
function calibrationOf(constants: object) {
  const deployment = deploymentOn('h100', 'Qwen/Qwen3-8B');
  const { layers } = deployment.model;
  const host = hostTime({ engine: 'vllm', samples: true, layers, tensorParallel: 1 });
  return {
    version: 1,
    deployment: describeDeployment(deployment),
    constants: { ...defaultConstants(host), ...constants },
    deviations: {},
    evidence: [],
    range: { prefill_tokens: 8192, decode_requests: 1, context_tokens: 100_000 },
  };
}

test('a report says what its pass times rest on', () => {
  expect(reportOf({}).timing).toEqual([
    {
      model: 'Qwen/Qwen3-8B',
      gpu: 'h100-sxm',
      provenance: { kind: 'fitted', kernels: 'h100-sxm' },
      band: TIMING_BANDS.fitted,
    },
  ]);
});

test('each modelled pool has a row under its name', () => {
  const pools = [
    { role: 'prefill', workers: 1, gpu: 'a100-sxm' },
    { role: 'decode', workers: 1 },
  ];
  const timing = reportOf({}, { cluster: { gpu: 'h100-sxm', pools } }).timing!;
  expect(timing.map(({ pool, provenance: { kind } }) => [pool, kind])).toEqual([
    ['prefill', 'spec-scaled'],
    ['decode', 'fitted'],
  ]);
});

test('constants of the user count, and what they were not measured for is said', () => {
  const [before, after] = [{}, { frontend_ms: 500, memory_efficiency: 0.5 }].map((constants) =>
    reportOf({ calibration: calibrationOf(constants) }),
  );
  expect(after!.timing![0]!.provenance.kind).toBe('calibrated');
  expect(after!.timing![0]!.outside_range).toEqual([
    { of: 'decode_requests', flown: 2, measured: 1 },
  ]);
  expect(confidenceText(after!.timing![0]!)).toContain(
    '; beyond what was measured: 2 requests a pass (1)',
  );
  // Decode is bound by memory, which is read at half the rate.
  const ratio = after!.summary.tpot_ms.mean! / before!.summary.tpot_ms.mean!;
  expect(ratio).toBeGreaterThan(1.7);
  expect(ratio).toBeLessThan(2);
  const later = after!.summary.ttft_ms.mean! - before!.summary.ttft_ms.mean!;
  expect(later).toBeGreaterThan(480);
  expect(later).toBeLessThan(600);
});

test('the frontend is in what clients see, and not in the queue', () => {
  const [none, some] = [0, 100].map((frontend_ms) =>
    reportOf({ calibration: calibrationOf({ frontend_ms }) }),
  );
  for (const key of ['ttft_ms', 'e2e_ms'] as const) {
    expect(some!.summary[key].mean! - none!.summary[key].mean!).toBeCloseTo(100, 9);
  }
  for (const key of ['tpot_ms', 'queue_ms'] as const) {
    expect(some!.summary[key]).toEqual(none!.summary[key]);
  }
});
