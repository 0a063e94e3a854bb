import { deploymentOf, hostTimeOf } from '#core/config/deployment.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import { ForwardPass } from '#core/perf/pass/forward-pass.ts';
import { type BesideKernels, type KernelTime, ModelTiming, NOTHING_BESIDE } from './model.ts';

/** What a modelled pass is made of. */
export interface ModelParts {
  readonly kernels: KernelTime;
  readonly beside: BesideKernels;
}

/** Makes other parts of those that the config names, as measurements of the user's own say. */
export type Calibrate = (parts: ModelParts, config: ResolvedConfig) => ModelParts;

/**
 * The times of `engine.timing.type: model`, for workers that are all of the config: the model of
 * section `model` on `cluster.gpu`, and what the engine's host takes, unless `engine.host_overhead_…`
 * says it. Throws an InputError where the config was not resolved and names no model or GPU.
 */
export function openModel(config: ResolvedConfig, calibrate?: Calibrate): ModelTiming {
  const { engine } = config;
  const deployment = deploymentOf(config);
  const saysHost = engine.host_overhead_ms > 0 || engine.host_overhead_per_request_us > 0;
  const parts: ModelParts = {
    kernels: new ForwardPass(deployment),
    beside: saysHost ? NOTHING_BESIDE : hostTimeOf(deployment, engine.backend_version),
  };
  const { kernels, beside } = calibrate?.(parts, config) ?? parts;
  return new ModelTiming(kernels, beside);
}
