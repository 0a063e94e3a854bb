import { InputError } from '#core/base/errors.ts';
import { nearestName } from '#core/base/nearest.ts';
import { parameterCount } from '../memory/weights.ts';
import type { Deployment } from '../pass/deployment.ts';
import { CONSTANT_FACTS, type ConstantName, type Constants } from './constants.ts';
import type { CrossValidation } from './cross-validation.ts';

/** The version that is written, and the only one there has been. */
export const CALIBRATION_VERSION = 1;

/** What a deployment is called in a calibration. */
export interface CalibratedDeployment {
  readonly model: string;
  /** Tells models apart whatever they are called; absent from files of before. */
  readonly model_parameters?: number;
  readonly gpu: string;
  readonly engine: string;
  readonly tensor_parallel: number;
  readonly pipeline_parallel: number;
  /** Absent from files of before. */
  readonly data_parallel?: number;
  readonly expert_parallel?: number;
  readonly quantization: string;
  readonly kv_cache_dtype: string;
}

/** A file of measurements that constants were fitted to. */
export interface Evidence {
  /** Stretches: requests beside the steps of their run, from one idle moment to the next. */
  readonly kind: 'steps' | 'stretches' | 'requests' | 'points';
  readonly file: string;
  readonly records: number;
  readonly fitted: readonly ConstantName[];
  /** Of left-out records, with the constants before and after this evidence. */
  readonly errors: CrossValidation;
}

/** What the passes of the evidence had at most; beyond it the fit is carried on, not measured. */
export interface CalibratedRange {
  readonly prefill_tokens: number;
  readonly decode_requests: number;
  readonly context_tokens: number;
}

/** The constants of one deployment, and how they were obtained. */
export interface Calibration {
  readonly version: typeof CALIBRATION_VERSION;
  readonly deployment: CalibratedDeployment;
  readonly constants: Constants;
  /** One standard deviation of each constant that was fitted; the others are defaults. */
  readonly deviations: Readonly<Partial<Record<ConstantName, number>>>;
  readonly evidence: readonly Evidence[];
  /** Absent where no passes were seen. */
  readonly range?: CalibratedRange;
}

/** How a calibration names a deployment. */
export function describeDeployment(deployment: Deployment): CalibratedDeployment {
  return {
    model: deployment.model.name,
    model_parameters: parameterCount(deployment.model).all,
    gpu: deployment.gpu.name,
    engine: deployment.engine,
    tensor_parallel: deployment.tensorParallel,
    pipeline_parallel: deployment.pipelineParallel,
    data_parallel: deployment.dataParallel,
    expert_parallel: deployment.expertParallel,
    quantization: deployment.quantization,
    kv_cache_dtype: deployment.kvFormat,
  };
}

/**
 * A calibration from its JSON text. Throws an InputError with the file and the key that has no use,
 * or with code `calibration_version_unsupported`.
 */
export function readCalibration(text: string, file: string): Calibration {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InputError('calibration_invalid', `no JSON: ${(error as Error).message}`, { file });
  }
  return checkCalibration(value, { file });
}

/** The same from what a JSON text holds; `place` is where it stands. */
export function checkCalibration(content: unknown, place: { readonly file?: string }): Calibration {
  const value = content as Partial<Calibration> | null;
  if (typeof value !== 'object' || value === null || value.version === undefined) {
    throw wrong(place, 'version', value?.version, 'what `windtunnel calibrate` has written');
  }
  if (value.version !== CALIBRATION_VERSION) {
    throw new InputError('calibration_version_unsupported', 'unknown version', {
      ...place,
      path: 'version',
      received: value.version,
      allowed: String(CALIBRATION_VERSION),
    });
  }
  for (const key of ['model', 'gpu', 'engine'] as const) {
    const name = value.deployment?.[key];
    if (typeof name !== 'string') throw wrong(place, `deployment.${key}`, name, 'a name');
  }
  checkConstants(value.constants ?? {}, place);
  return value as Calibration;
}

type Place = Parameters<typeof checkCalibration>[1];

function checkConstants(constants: Partial<Constants>, place: Place): void {
  const names: string[] = CONSTANT_FACTS.map(({ name }) => name);
  for (const name of Object.keys(constants).sort()) {
    if (names.includes(name)) continue;
    const nearest = nearestName(name, names);
    throw new InputError('calibration_invalid', 'unknown constant', {
      ...place,
      path: `constants.${name}`,
      allowed: names.join(', '),
      ...(nearest !== undefined && { nearest }),
    });
  }
  for (const { name, scale } of CONSTANT_FACTS) {
    const value = constants[name];
    const isUsable = Number.isFinite(value) && (scale === 'linear' ? value! >= 0 : value! > 0);
    if (isUsable) continue;
    const allowed = scale === 'linear' ? 'a number from 0' : 'a number above 0';
    throw wrong(place, `constants.${name}`, value, allowed);
  }
}

/**
 * Refuses a calibration of another GPU or engine. Constants of another model on the same GPU and
 * engine hold as long as its passes do not leave the calibrated range by far.
 */
export function refuseForeign(
  { deployment: own }: Calibration,
  deployment: Deployment,
  place: Place,
): void {
  const asked = describeDeployment(deployment);
  for (const key of ['gpu', 'engine'] as const) {
    if (own[key] === asked[key]) continue;
    throw new InputError('calibration_invalid', `it was made for another ${key}`, {
      ...place,
      path: `deployment.${key}`,
      received: own[key],
      allowed: asked[key],
    });
  }
}

function wrong(place: Place, path: string, received: unknown, allowed: string): InputError {
  const problem = received === undefined ? 'this key is missing' : 'this key has no use';
  return new InputError('calibration_invalid', problem, {
    ...place,
    path,
    allowed,
    ...(received !== undefined && { received }),
  });
}
