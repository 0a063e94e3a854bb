import { findGpu } from '#core/perf/hardware/find-gpu.ts';
import type { Gpu } from '#core/perf/hardware/gpu.ts';
import { GPUS } from '#core/perf/hardware/gpus.ts';
import { findModel, MODEL_NAMES } from '#core/perf/models/find-model.ts';
import type { ModelShape } from '#core/perf/models/model-shape.ts';

/** What is known of built-in models, or of GPUs. */
export type BuiltIn =
  | { readonly kind: 'models'; readonly models: readonly ModelShape[] }
  | { readonly kind: 'gpus'; readonly gpus: readonly Gpu[] };

/** All models, all GPUs, or the one that is called so; undefined where none is. */
export function findBuiltIn(name: string): BuiltIn | undefined {
  if (name === 'models')
    return { kind: 'models', models: MODEL_NAMES.map((each) => findModel(each)!) };
  if (name === 'gpus') return { kind: 'gpus', gpus: GPUS };
  const gpu = findGpu(name);
  if (gpu !== undefined) return { kind: 'gpus', gpus: [gpu] };
  const model = findModel(name);
  return model && { kind: 'models', models: [model] };
}
