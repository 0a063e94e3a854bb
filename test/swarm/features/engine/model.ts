import { describeDeployment } from '#core/perf/calibration/calibration-file.ts';
import { deploymentOn } from '#core/perf/pass/deployment.fixture.ts';
import tinyConfig from '#sim/calibrate/fixtures/tiny-qwen3.config.json' with { type: 'json' };
import type { Draw } from '../../draw.ts';
import type { Flight } from '../../flight.ts';
import type { Feature } from '../feature.ts';

/** A GPU that nobody sells. */
const OWN_GPU = {
  name: 'own',
  memory_gib: 96,
  memory_gb_s: 900,
  bf16_tflops: 200,
  fp8_tflops: 400,
  processors: 100,
};

function layModel(flight: Flight, draw: Draw): void {
  if (draw.chance(0.2)) {
    flight.set('model.config', tinyConfig);
    if (draw.chance(0.5)) flight.set('model.name', 'tiny');
    return;
  }
  // Ranks with attention of their own share experts.
  const dense = ['Qwen/Qwen3-8B', 'google/gemma-3-12b-it'];
  const hasRanks = flight.has('engine.data_parallel_size');
  flight.set('model.name', hasRanks ? 'Qwen/Qwen3-30B-A3B' : draw.pick(dense));
}

function layLayout(flight: Flight, draw: Draw): void {
  if (draw.chance(0.5)) flight.set('engine.tensor_parallel_size', draw.pick([2, 4]));
  if (draw.chance(0.3)) flight.set('engine.pipeline_parallel_size', draw.pick([2, 3]));
  if (draw.chance(0.3)) flight.set('engine.expert_parallel_size', 2);
  if (draw.chance(0.4)) flight.set('engine.quantization', draw.pick(['fp8', 'int4']));
  if (draw.chance(0.3)) flight.set('engine.kv_cache_dtype', 'fp8');
  if (draw.chance(0.2)) flight.set('engine.dtype', draw.pick(['bf16', 'fp16']));
  if (draw.chance(0.2)) flight.set('engine.backend_version', draw.pick(['0.6.1', '0.11']));
}

function layKernels(flight: Flight, draw: Draw): void {
  if (draw.chance(0.2)) flight.set('engine.enforce_eager', true);
  else if (draw.chance(0.3)) {
    flight.set('engine.cudagraph_capture_sizes', draw.pick(['any', [1, 4, 16]]));
  }
  if (flight.is('model.name', 'Qwen/Qwen3-30B-A3B') && draw.chance(0.5)) {
    flight.set('engine.expert_imbalance', draw.pick([1.5, 4]));
  }
}

/** Passes of a model on a GPU, which lie between whole nanoseconds. */
const model: Feature = {
  name: 'a model on a GPU',
  lay(flight, draw) {
    flight.set('engine.timing', { type: 'model' });
    flight.set('cluster.gpu', draw.pick(['h100-sxm', 'b200-sxm', 'a100-sxm', OWN_GPU]));
    layModel(flight, draw);
    layLayout(flight, draw);
    layKernels(flight, draw);
    if (!draw.chance(0.2)) return;
    flight.set('engine.num_gpu_blocks', 'auto');
    if (draw.chance(0.5)) flight.set('engine.gpu_memory_utilization', draw.pick([0.8, 0.95]));
  },
};

/** Constants of the user's own; those of another model or layout count as well. */
const calibration: Feature = {
  name: 'measurements of the deployment',
  fits: (flight) => flight.settings.get('cluster.gpu') === 'h100-sxm',
  weight: 2,
  lay(flight, draw) {
    flight.set('engine.calibration', {
      version: 1,
      deployment: describeDeployment(deploymentOn('h100-sxm', 'Qwen/Qwen3-8B')),
      constants: {
        host_per_pass_ms: draw.pick([0, 1.5]),
        host_per_request_ms: draw.pick([0, 0.02]),
        compute_efficiency: 0.7,
        memory_efficiency: draw.pick([0.6, 1.1]),
        new_shape_us_per_token: draw.pick([0, 0, 48]),
        between_passes_ms: 0.5,
        frontend_ms: draw.pick([0, 17]),
      },
      deviations: {},
      evidence: [],
    });
  },
};

export const MODEL_FEATURES: readonly Feature[] = [model, calibration];
