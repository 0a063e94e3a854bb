import type { TimingBand } from '../pass/provenance.ts';
import type { Calibration, Evidence } from './calibration-file.ts';

/**
 * How far times are typically off after a calibration, in percent: the median errors of records that
 * were left out of its fit. TPOT and TTFT have their own where clients timed them. Where passes were
 * timed, a TPOT, the mean of dozens of passes, is off as whole stretches of them are, where these are
 * known, and a TTFT, of one or two, as single passes are. A kind that nobody timed is absent.
 */
export function calibratedBand({ evidence }: Pick<Calibration, 'evidence'>): Partial<TimingBand> {
  const tpot =
    medianOf(evidence, 'tpot') ?? medianOf(evidence, 'stretches') ?? medianOf(evidence, 'steps');
  const ttft = medianOf(evidence, 'ttft') ?? medianOf(evidence, 'steps');
  return {
    ...(tpot !== undefined && { tpot_percent: percentOf(tpot) }),
    ...(ttft !== undefined && { ttft_percent: percentOf(ttft) }),
  };
}

/** The left-out median of what was observed, or of a kind of evidence; of the last that has one. */
function medianOf(
  evidence: readonly Evidence[],
  of: 'tpot' | 'ttft' | 'stretches' | 'steps',
): number | undefined {
  const errors = evidence.map(({ kind, errors }) => (kind === of ? errors : errors?.by?.[of]));
  return errors.findLast((each) => each !== undefined)?.after.median;
}

/** To a tenth, and never nothing. */
function percentOf(share: number): number {
  return Math.max(0.1, Math.round(share * 1000) / 10);
}
