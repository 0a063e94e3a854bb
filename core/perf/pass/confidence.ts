import { calibratedBand } from '../calibration/calibrated-band.ts';
import {
  type CalibratedDeployment,
  type CalibratedRange,
  type Calibration,
  describeDeployment,
} from '../calibration/calibration-file.ts';
import { kernelFits } from '../kernels/kernel-fits.ts';
import type { Deployment } from './deployment.ts';
import { plainBand, type TimingBand, type TimingProvenance } from './provenance.ts';

/** How pass times were obtained. */
export interface Provenance {
  readonly kind: TimingProvenance;
  /** The GPU whose kernels were measured. */
  readonly kernels: string;
  /** What the calibration is of, as far as it is another deployment. */
  readonly calibrated_on?: Partial<CalibratedDeployment>;
}

/** What passes had at most, and the longest request. */
export interface Extent extends CalibratedRange {
  readonly request_tokens: number;
}

/** Something that went beyond what the times rest on, or beside it. */
export interface Beyond {
  readonly of: keyof Extent | keyof AttentionShape;
  readonly flown: number;
  readonly measured: number;
}

/** What attention kernels depend on beside the load. */
export interface AttentionShape {
  readonly heads_per_kv_head: number;
  readonly head_dim: number;
}

/** How far pass times can be believed. */
export interface Confidence {
  readonly provenance: Provenance;
  /** Typical relative errors in the range that was measured; of TTFT absent where a queue makes it. */
  readonly band: Pick<TimingBand, 'tpot_percent'> & Partial<TimingBand>;
  /** Absent where all lies in that range. */
  readonly outside_range?: readonly Beyond[];
}

/**
 * What the kernels were measured with, at most: products of 32,768 tokens, attention of 256 requests
 * with 8,192 tokens each and of one with 131,072. Source: the tables of AIConfigurator that the fits
 * are of (reference perf-fit.md §1, §4).
 */
const FITTED_RANGE: Partial<Extent> = {
  prefill_tokens: 32_768,
  context_tokens: 2_097_152,
  request_tokens: 131_072,
};

/**
 * What attention was measured with, under any engine and on any GPU. Groups of 48 query heads and more
 * run other kernels: generation is 60 to 75 % off there (reference perf-fit.md §3).
 */
const MEASURED_GROUP = 16;
const MEASURED_HEAD_DIM = 128;

const EXTENTS = ['prefill_tokens', 'decode_requests', 'context_tokens', 'request_tokens'] as const;

/** How far the pass times of a deployment can be believed, with a calibration where there is one. */
export function confidenceOf(
  deployment: Deployment,
  calibration: Calibration | undefined,
  extent: Extent,
): Confidence {
  const fits = kernelFits(deployment.gpu, deployment.engine);
  // Latent attention was measured on no GPU, nor were products of some formats.
  const isGrouped = deployment.model.attention.kind === 'gqa';
  const isFitted = isGrouped && fits.measures(deployment.quantization);
  const plain = isFitted ? 'fitted' : 'spec-scaled';
  const other = calibration && otherThan(calibration, deployment);
  const isOwn = calibration !== undefined && other === undefined;
  const outside = [
    ...beyond(extent, calibration?.range ?? (isFitted ? FITTED_RANGE : {})),
    // A calibration of this very deployment was measured with its attention.
    ...(isFitted && !isOwn ? unmeasuredAttention(deployment) : []),
  ];
  return {
    provenance: {
      kind: calibration === undefined ? plain : 'calibrated',
      kernels: fits.measuredOn,
      ...(other && { calibrated_on: other }),
    },
    // Constants of another model or layout are better than none; how much better nobody has measured.
    band: {
      ...plainBand(deployment, plain),
      ...(isOwn && calibratedBand(calibration)),
    },
    ...(outside.length > 0 && { outside_range: outside }),
  };
}

/** What a calibration is of where it is not of this deployment; undefined where it is. */
function otherThan(
  { deployment: own }: Calibration,
  deployment: Deployment,
): Partial<CalibratedDeployment> | undefined {
  const { model_parameters: parameters, ...asked } = describeDeployment(deployment);
  const { model_parameters: ownParameters, ...named } = own;
  const other = Object.entries(named)
    .sort()
    .filter(([key, value]) => {
      if (key === 'model' && ownParameters === parameters) return false;
      return asked[key as keyof typeof asked] !== value;
    });
  return other.length === 0 ? undefined : Object.fromEntries(other);
}

function beyond(extent: Extent, range: Partial<Extent>): Beyond[] {
  return EXTENTS.flatMap((of) => {
    const measured = range[of];
    return measured === undefined || extent[of] <= measured
      ? []
      : [{ of, flown: extent[of], measured }];
  });
}

/** Shapes of grouped attention that no kernel was measured with; of latent attention none was. */
function unmeasuredAttention({ model: { attention } }: Deployment): Beyond[] {
  if (attention.kind !== 'gqa') return [];
  const { heads, kvHeads, headDim } = attention;
  const found: Beyond[] = [];
  if (heads / kvHeads > MEASURED_GROUP) {
    found.push({ of: 'heads_per_kv_head', flown: heads / kvHeads, measured: MEASURED_GROUP });
  }
  if (headDim !== MEASURED_HEAD_DIM) {
    found.push({ of: 'head_dim', flown: headDim, measured: MEASURED_HEAD_DIM });
  }
  return found;
}
