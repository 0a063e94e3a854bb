import { msToNs, type Ns } from '#core/base/time.ts';
import { passPartsOf } from '#core/config/pass-parts.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import { compatSwitches } from '../cluster/compat.ts';
import { openTiming } from '../engine/timing/open-timing.ts';
import type { TimingModel } from '../engine/timing/timing-model.ts';

/** What the workers of a shadow are: made once, for all of them and all that is looked ahead. */
export interface EngineModel {
  readonly config: ResolvedConfig;
  readonly timing: TimingModel;
  /** What a request takes outside the engine, in front of its first token; 0 where no model says it. */
  readonly frontendNs: Ns;
}

/** The model that the `engine` section of a config of aggregated workers names. */
export function openEngineModel(config: ResolvedConfig): EngineModel {
  const isModelled = config.engine.timing.type === 'model';
  return {
    config,
    timing: openTiming(config, compatSwitches(config.compat)),
    frontendNs: isModelled ? msToNs(passPartsOf(config).host.frontendMs) : 0,
  };
}
