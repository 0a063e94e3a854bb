import { InputError } from '#core/base/errors.ts';
import { openStream, type RandomStream } from '#core/base/random.ts';
import type { WorkloadConfig } from '#core/config/schema.ts';
import type { RateWindow } from '#traces/formats/servegen/rate-windows.ts';
import {
  type ArrivalClock,
  ConstantClock,
  RenewalClock,
  RescaledClock,
  TraceClock,
} from './arrival-clock.ts';
import {
  EqualGaps,
  ExponentialGaps,
  GammaGaps,
  type Gaps,
  RecordedGaps,
  WeibullGaps,
} from './gaps.ts';
import { RampRate, type RateShape, SineRate, SteppedRate } from './rate-shape.ts';

type RateShapeConfig = NonNullable<WorkloadConfig['rate_shape']>;

/**
 * The clock of arrivals that the config asks for. `windows` is the content of the file that a
 * recorded rate names.
 */
export function openClock(
  config: WorkloadConfig,
  seed: number,
  windows: readonly RateWindow[],
): ArrivalClock {
  const { arrivals, rate_shape: shapeConfig, request_rate: rate = 1 } = config;
  if (arrivals === 'trace') return new TraceClock(config.arrival_speedup_ratio);
  const stream = openStream(seed, 'workload.arrivals');
  if (shapeConfig === undefined) {
    if (arrivals === 'constant') return new ConstantClock(rate);
    return new RenewalClock(rate, openGaps(config, stream));
  }
  if (shapeConfig.type !== 'recorded') {
    return new RescaledClock(openShape(shapeConfig), openGaps(config, stream));
  }
  const shape = openRecording(shapeConfig, windows);
  const recorded = arrivals === 'recorded';
  const gaps = recorded
    ? new RecordedGaps(windows, (nowS) => shape.stepAt(nowS), stream)
    : openGaps(config, stream);
  return new RescaledClock(shape, gaps);
}

function openGaps(
  { arrivals, burstiness, arrival_cv }: WorkloadConfig,
  stream: RandomStream,
): Gaps {
  if (arrivals === 'constant') return new EqualGaps();
  if (arrivals === 'gamma') return new GammaGaps(burstiness ?? 1, stream);
  if (arrivals === 'weibull') return WeibullGaps.ofCv(arrival_cv ?? 1, stream);
  return new ExponentialGaps(stream);
}

function openShape(config: Exclude<RateShapeConfig, { type: 'recorded' }>): RateShape {
  switch (config.type) {
    case 'ramp':
      return new RampRate(config.from_rps, config.to_rps, config.duration_s);
    case 'sine':
      return new SineRate(config.mean_rps, config.amplitude_rps, config.period_s);
    case 'steps':
      return new SteppedRate(
        Float64Array.from(config.steps, ([atS]) => atS),
        Float64Array.from(config.steps, ([, rate]) => rate),
      );
  }
}

function openRecording(
  config: Extract<RateShapeConfig, { type: 'recorded' }>,
  windows: readonly RateWindow[],
): SteppedRate {
  if (windows.every(({ ratePerS }) => ratePerS === 0)) {
    throw new InputError('trace_invalid', 'nothing ever arrives in the recording', {
      file: config.file,
      path: 'workload.rate_shape.file',
      received: `${windows.length} windows of rate 0`,
    });
  }
  const zeroS = windows[0]!.startS;
  const last = windows.at(-1)!;
  const speedup = config.speedup_ratio;
  return new SteppedRate(
    Float64Array.from(windows, ({ startS }) => (startS - zeroS) / speedup),
    Float64Array.from(windows, ({ ratePerS }) => ratePerS * config.rate_ratio),
    (last.startS + last.durationS - zeroS) / speedup,
  );
}
