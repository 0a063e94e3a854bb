import type { KernelFits } from '../kernels/kernel-fits.ts';

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
  fitted: { tpot_percent: 8, ttft_percent: 18 },
  'spec-scaled': { tpot_percent: 20, ttft_percent: 40 },
};
