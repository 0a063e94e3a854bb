import type { EngineConfig } from '#core/config/schema.ts';
import { FixedTiming } from './fixed.ts';
import { HostOverhead } from './host-overhead.ts';
import { LinearTiming } from './linear.ts';
import { PassTime } from './pass-time.ts';
import { PolynomialTiming } from './polynomial.ts';
import { ScaledTiming } from './scaled.ts';
import { TableTiming } from './table.ts';
import type { TimingHabits } from './timing-habits.ts';
import type { TimingModel } from './timing-model.ts';

function openBare(config: EngineConfig, habits: TimingHabits): TimingModel {
  const timing = config.timing;
  switch (timing.type) {
    case 'polynomial':
      return new PolynomialTiming(config.num_gpu_blocks * config.block_size, habits);
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
  }
}

/** The timing model that the config names, scaled as it says. */
export function openTiming(config: EngineConfig, habits: TimingHabits): TimingModel {
  const { speedup_ratio, decode_speedup_ratio } = config;
  const model = openBare(config, habits);
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
