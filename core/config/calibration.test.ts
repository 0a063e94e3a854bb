import { expect, test } from 'vitest';
import { type Calibration, describeDeployment } from '#core/perf/calibration/calibration-file.ts';
import { defaultConstants } from '#core/perf/calibration/constants.ts';
import { deploymentOn } from '#core/perf/pass/deployment.fixture.ts';
import { configDigest } from './digest.ts';
import { passPartsOf } from './pass-parts.ts';
import { resolveConfig } from './resolve.ts';

const deployment = deploymentOn('h200', 'Qwen/Qwen3-32B');

const calibration: Calibration = {
  version: 1,
  deployment: describeDeployment(deployment),
  constants: {
    ...defaultConstants({ perPassMs: 1, perRequestMs: 0.01, frontendMs: 5 }),
    memory_efficiency: 0.5,
    between_passes_ms: 0.25,
  },
  deviations: {},
  evidence: [],
};

function modelled(engine: object = {}, cluster: object = {}) {
  return resolveConfig({
    model: { name: 'Qwen/Qwen3-32B' },
    cluster: { gpu: 'h200-sxm', ...cluster },
    engine: { timing: { type: 'model' }, ...engine },
  });
}

const calibrated = (engine: object = {}, cluster: object = {}) =>
  modelled({ calibration, ...engine }, cluster);

test('the GPU is as fast as it was measured, the host takes what was measured', () => {
  const parts = passPartsOf(calibrated());
  expect(parts.deployment.gpu.memoryBytesPerS).toBe(deployment.gpu.memoryBytesPerS / 2);
  expect(parts.host).toEqual({ perPassMs: 1.25, perRequestMs: 0.01, frontendMs: 5 });
  expect(parts.calibration).toEqual(calibration);
});

test('memory and digest: as many blocks as before, another run', () => {
  expect(calibrated().engine.num_gpu_blocks).toBe(modelled().engine.num_gpu_blocks);
  expect(configDigest(calibrated())).not.toBe(configDigest(modelled()));
});

test.each([
  [{ backend: 'trtllm' }, 'engine.calibration.deployment.engine: it was made for another engine'],
  [{ host_overhead_ms: 1 }, 'engine.host_overhead_ms: impossible: what the host takes is in'],
  [{ backend_version: '0.11' }, 'engine.backend_version: has no effect: what the host takes is in'],
  [{ calibration: 'mine.json' }, 'engine.calibration: names a file that nobody has read'],
  [{ calibration: { version: 7 } }, 'engine.calibration.version: unknown version; received 7'],
  [
    { calibration: { ...calibration, constants: {} } },
    'engine.calibration.constants.host_per_pass_ms: this key is missing',
  ],
])('%j is refused: %s', (engine, message) => {
  expect(() => calibrated(engine)).toThrow(message);
});

test('without a model as timing it has no effect', () => {
  expect(() => resolveConfig({ engine: { calibration } })).toThrow(
    'engine.calibration: has no effect: pass times come from no model on a GPU',
  );
});

test('a pool on another GPU needs one of its own', () => {
  const decode = { role: 'decode', workers: 1, gpu: 'h100-sxm', engine: { quantization: 'fp8' } };
  const pools = [{ role: 'prefill', workers: 1 }, decode];
  expect(() => calibrated({}, { pools })).toThrow('deployment.gpu: it was made for another gpu');
  const own = { ...calibration, deployment: { ...calibration.deployment, gpu: 'h100-sxm' } };
  const apart = [pools[0], { ...decode, engine: { ...decode.engine, calibration: own } }];
  expect(() => calibrated({}, { pools: apart })).not.toThrow();
});
