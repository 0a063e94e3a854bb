import { type PassParts, passPartsOf } from '#core/config/pass-parts.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import type { Constants } from '#core/perf/calibration/constants.ts';
import { ForwardPass } from '#core/perf/pass/forward-pass.ts';
import { FirstShapes } from './first-shapes.ts';
import { ModelTiming } from './model.ts';
import type { PassPeaks } from './pass-peaks.ts';
import type { TimingModel } from './timing-model.ts';

/**
 * The times of `engine.timing.type: model`, for workers that are all of the config, once they have had
 * passes of every size: the model of section `model` on `cluster.gpu` and what the engine's host takes.
 * Throws an InputError where the config was not resolved and names no model or GPU.
 */
export function openModel(config: ResolvedConfig): ModelTiming {
  return modelOf(passPartsOf(config));
}

/** The same from the first pass on, with what new sizes take; the largest passes are noted. */
export function openModelRun(config: ResolvedConfig, peaks: PassPeaks | undefined): TimingModel {
  const parts = passPartsOf(config);
  return withFirstShapes(modelOf(parts, peaks), parts.calibration?.constants);
}

/** A model on an engine that prepares its kernels for new sizes, where a calibration says so. */
export function withFirstShapes(model: TimingModel, constants: Constants | undefined): TimingModel {
  const perToken = constants?.new_shape_us_per_token ?? 0;
  return perToken === 0 ? model : new FirstShapes(model, perToken / 1000);
}

function modelOf({ deployment, host }: PassParts, peaks?: PassPeaks): ModelTiming {
  return new ModelTiming(new ForwardPass(deployment), host, peaks);
}
