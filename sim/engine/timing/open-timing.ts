import type { EngineConfig, ResolvedConfig } from '#core/config/schema.ts';
import { FixedTiming } from './fixed.ts';
import { HostOverhead } from './host-overhead.ts';
import { LinearTiming } from './linear.ts';
import { openModelRun } from './open-model.ts';
import type { PassPeaks } from './pass-peaks.ts';
import { PassTime } from './pass-time.ts';
import { PolynomialTiming } from './polynomial.ts';
import { ScaledTiming } from './scaled.ts';
import { TableTiming } from './table.ts';
import type { TimingHabits } from './timing-habits.ts';
import type { TimingModel } from './timing-model.ts';

function openBare(
  config: ResolvedConfig,
  habits: TimingHabits,
  peaks: PassPeaks | undefined,
): TimingModel {
  const { timing, num_gpu_blocks, block_size } = config.engine;
  switch (timing.type) {
    case 'polynomial':
      return new PolynomialTiming(num_gpu_blocks * block_size, habits);
    case 'fixed':
      return new FixedTiming(timing.prefill_ms, timing.decode_ms);
    case 'linear':
      return new LinearTiming({
        baseMs: timing.base_ms,
        perPrefillTokenMs: timing.per_prefill_token_ms,
        perPrefillContextTokenMs: timing.per_prefill_context_token_ms,
        perDecodeRequestMs: timing.per_decode_request_ms,
        perDecodeContextTokenMs: timing.per_decode_context_token_ms,
      });
    case 'table':
      return new TableTiming(timing.prefill, timing.decode);
    case 'model':
      return openModelRun(config, peaks);
  }
}

/**
 * The timing model that the config of workers that are alike names, scaled as it says; a model on a
 * GPU notes its largest passes in `peaks`.
 */
export function openTiming(
  config: ResolvedConfig,
  habits: TimingHabits,
  peaks?: PassPeaks,
): TimingModel {
  const { speedup_ratio, decode_speedup_ratio } = config.engine;
  const model = openBare(config, habits, peaks);
  if (speedup_ratio === 1 && decode_speedup_ratio === 1) return model;
  return new ScaledTiming(model, speedup_ratio, decode_speedup_ratio, habits.roundedBeforeScaling);
}

/** How long a pass takes by a model and by what the config says of the host. */
export function openPassTime(config: EngineConfig, model: TimingModel): PassTime {
  const { host_overhead_ms, host_overhead_per_request_us, async_scheduling } = config;
  if (host_overhead_ms === 0 && host_overhead_per_request_us === 0) return new PassTime(model);
  return new PassTime(
    model,
    new HostOverhead(host_overhead_ms, host_overhead_per_request_us, async_scheduling),
  );
}
