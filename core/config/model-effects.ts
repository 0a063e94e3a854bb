import { findGpu } from '#core/perf/hardware/find-gpu.ts';
import { lacksGraphs } from '#core/perf/pass/cuda-graphs.ts';
import { captureFactsOf } from './deployment.ts';
import { MODEL_KEYS } from './engine-model.ts';
import type { EffectRule, IneffectiveKey } from './ineffective-key.ts';
import { poolsOf } from './pools.ts';
import type { ResolvedConfig } from './schema.ts';

/** Whether the passes of any worker take as long as a model on a GPU takes. */
export function isModelled(config: ResolvedConfig): boolean {
  return poolsOf(config).some((pool) => pool.config.engine.timing.type === 'model');
}

const why = 'pass times come from no model on a GPU';
const remedy = 'leave it out, or set engine.timing.type to model';

/** Keys of the engine that only a model on a GPU reads. */
export const MODELLED_ENGINE_RULES: readonly EffectRule[] = [
  {
    paths: MODEL_KEYS.map((key) => `engine.${key}`),
    idle: ({ engine }) => engine.timing.type !== 'model',
    why,
    remedy,
  },
  {
    paths: ['engine.backend_version'],
    idle: ({ engine }) => engine.host_overhead_ms > 0 || engine.host_overhead_per_request_us > 0,
    why: 'what the host takes is written',
    remedy: 'leave it out, or leave engine.host_overhead_ms and …_per_request_us out',
  },
  {
    paths: ['engine.backend_version'],
    idle: ({ engine }) => engine.calibration !== undefined,
    why: 'what the host takes is in engine.calibration',
    remedy: 'leave it out, or leave engine.calibration out',
  },
  {
    paths: ['engine.cudagraph_capture_sizes'],
    idle: ({ engine }) => engine.enforce_eager,
    why: 'engine.enforce_eager captures nothing',
    remedy: 'leave one of the two out',
  },
  {
    paths: ['engine.cudagraph_capture_sizes', 'engine.enforce_eager'],
    idle: takesNoGraphs,
    why: 'this engine on this device captures nothing, whatever it is told',
    remedy: 'leave it out; backend versions that start each kernel have that in their host time',
  },
];

function takesNoGraphs({ engine, cluster: { gpu } }: ResolvedConfig): boolean {
  const known = typeof gpu === 'string' ? findGpu(gpu) : undefined;
  return known !== undefined && lacksGraphs(captureFactsOf(engine, known));
}

/** What the whole fleet is made of, which nobody reads where no pool is modelled. */
export const MODEL_RULES: readonly EffectRule[] = [
  {
    paths: ['model.name', 'model.config', 'cluster.gpu'],
    idle: (config) => !isModelled(config),
    why,
    remedy,
  },
  {
    paths: ['cluster.gpu'],
    idle: ({ cluster }) => cluster.pools?.every(({ gpu }) => gpu !== undefined) ?? false,
    why: 'each of cluster.pools has its own',
    remedy: 'leave it out, or leave it out of a pool',
  },
];

/** GPUs of pools whose pass times are not those of a model on them. */
export function idlePoolGpus(config: ResolvedConfig): readonly IneffectiveKey[] {
  return poolsOf(config).flatMap(({ entry, config: { engine } }) => {
    if (entry?.gpu === undefined || engine.timing.type === 'model') return [];
    const at = config.cluster.pools!.indexOf(entry);
    return [{ path: `cluster.pools[${at}].gpu`, why, remedy }];
  });
}
