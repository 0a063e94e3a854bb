import { QUANTIZATIONS } from '../models/model-shape.ts';
import { QUANTIZATION_FACTS } from '../models/quantization.ts';
import type { Deployment } from '../pass/deployment.ts';
import { findUneven } from '../pass/uneven.ts';
import { type MemoryOptions, planMemory } from './memory.ts';

const GIB = 2 ** 30;
const MOST_TENSOR_PARALLEL = 64;

/** Bytes that each GPU lacks for weights and for `tokens` of KV cache; 0 where they fit. */
export function missingBytes(
  deployment: Deployment,
  options: MemoryOptions,
  tokens: number,
): number {
  const { kvBytes, kvBytesPerToken } = planMemory(deployment, options);
  return Math.max(0, tokens * kvBytesPerToken - kvBytes);
}

/** `each GPU lacks 12.3 GiB`, to the next tenth, so that a little is never nothing. */
export function lackText(bytes: number): string {
  return `each GPU lacks ${(Math.ceil((10 * bytes) / GIB) / 10).toFixed(1)} GiB`;
}

/** The least changes of a deployment, one at a time, with which it would fit. */
export interface Fitting {
  readonly tensorParallel?: number;
  readonly quantization?: Deployment['quantization'];
}

/** What of a deployment that does not fit may be changed, alone, so that `tokens` fit. */
export function fittingChanges(
  deployment: Deployment,
  options: MemoryOptions,
  tokens: number,
): Fitting {
  const fits = (changed: Deployment): boolean =>
    findUneven(changed) === undefined && missingBytes(changed, options, tokens) === 0;
  const tensorParallel = smallestGroup(deployment, fits);
  const { flopsPerS } = deployment.gpu;
  const { weightBytes } = QUANTIZATION_FACTS[deployment.quantization];
  const quantization = QUANTIZATIONS.filter(
    (kind) => flopsPerS[QUANTIZATION_FACTS[kind].computes] !== undefined,
  )
    .filter((kind) => QUANTIZATION_FACTS[kind].weightBytes < weightBytes)
    .find((kind) => fits({ ...deployment, quantization: kind }));
  return {
    ...(tensorParallel !== undefined && { tensorParallel }),
    ...(quantization !== undefined && { quantization }),
  };
}

function smallestGroup(
  deployment: Deployment,
  fits: (changed: Deployment) => boolean,
): number | undefined {
  let group = 2 ** Math.floor(1 + Math.log2(deployment.tensorParallel));
  for (; group <= MOST_TENSOR_PARALLEL; group *= 2) {
    if (fits({ ...deployment, tensorParallel: group })) return group;
  }
  return undefined;
}
