import type { KernelFits } from '../kernels/kernel-fits.ts';
import type { Deployment } from './deployment.ts';

/** How times were obtained; `calibrated`: with constants from the user's own measurements. */
export type TimingProvenance = 'calibrated' | KernelFits['provenance'];

/** Typical relative errors, in percent. */
export interface TimingBand {
  readonly tpot_percent: number;
  readonly ttft_percent: number;
}

/**
 * Medians of left-out errors by provenance; `windtunnel accuracy` prints today's. A calibration has
 * its own (`../calibration/calibrated-band.ts`).
 */
export const TIMING_BANDS: Readonly<Record<KernelFits['provenance'], TimingBand>> = {
  fitted: { tpot_percent: 8, ttft_percent: 22 },
  'spec-scaled': { tpot_percent: 20, ttft_percent: 45 },
};

/**
 * With experts. Their kernels are off by 12 to 22 % where they were measured (reference perf-fit.md
 * §4); of whole servers there are six points of one model, Mixtral.
 */
const EXPERTS_BAND: TimingBand = { tpot_percent: 22, ttft_percent: 40 };

/** fp8 in blocks where no such products were measured: left-out median of 16 points, none of TTFT. */
const UNMEASURED_BLOCKS_BAND: TimingBand = { tpot_percent: 35, ttft_percent: 45 };

/** Typical errors of a deployment without a calibration: the widest of all that is true of it. */
export function plainBand(
  { model, quantization }: Pick<Deployment, 'model' | 'quantization'>,
  provenance: KernelFits['provenance'],
): TimingBand {
  const bands = [TIMING_BANDS[provenance]];
  if (model.experts !== undefined) bands.push(EXPERTS_BAND);
  if (provenance === 'spec-scaled' && quantization === 'fp8_block') {
    bands.push(UNMEASURED_BLOCKS_BAND);
  }
  return {
    tpot_percent: Math.max(...bands.map((band) => band.tpot_percent)),
    ttft_percent: Math.max(...bands.map((band) => band.ttft_percent)),
  };
}
