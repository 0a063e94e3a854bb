import type { Deployment } from './deployment.ts';

/** vLLM pads the vocabulary to a multiple of this before it shares it out. */
const VLLM_VOCABULARY_PADDING = 64;

/** Why the matrices of a layer cannot be shared as a deployment says, or undefined. */
export function tensorSplitFault(deployment: Deployment): string | undefined {
  const { model, tensorParallel: gpus } = deployment;
  const { attention } = model;
  const fault = (what: string): string => `the ${what} of ${model.name} cannot be shared evenly`;
  if (attention.heads % gpus !== 0) return fault(`${attention.heads} attention heads`);
  // Where there are more GPUs than KV heads, each head is kept by as many GPUs as the others.
  if (attention.kind === 'gqa' && attention.kvHeads % gpus !== 0 && gpus % attention.kvHeads !== 0)
    return fault(`${attention.kvHeads} KV heads`);
  if (hasDenseLayers(deployment) && model.intermediate % gpus !== 0)
    return fault(`intermediate size of ${model.intermediate}`);
  const expertGpus = (gpus * deployment.dataParallel) / deployment.expertParallel;
  const { experts } = model;
  if (experts !== undefined && Number.isInteger(expertGpus) && experts.intermediate % expertGpus)
    return fault(`experts' intermediate size of ${experts.intermediate}`);
  const padded = Math.ceil(model.vocabulary / VLLM_VOCABULARY_PADDING) * VLLM_VOCABULARY_PADDING;
  if (deployment.engine === 'vllm' && padded % gpus !== 0)
    return fault(`vocabulary of ${model.vocabulary}, padded to ${padded},`);
  return undefined;
}

function hasDenseLayers({ model }: Deployment): boolean {
  return (model.experts?.layers ?? 0) < model.layers;
}

/** The tensor parallelism up to that of a node with which the model can be shared, ascending. */
export function tensorSplits(deployment: Deployment): readonly number[] {
  return Array.from({ length: deployment.gpu.gpusPerNode }, (_, index) => index + 1).filter(
    (tensorParallel) => tensorSplitFault({ ...deployment, tensorParallel }) === undefined,
  );
}

/** Of numbers in ascending order the one nearest to `wanted`, of two equally near the larger. */
export function nearestSplit(splits: readonly number[], wanted: number): number | undefined {
  let best: number | undefined;
  for (const split of splits) {
    if (best === undefined || Math.abs(split - wanted) <= Math.abs(best - wanted)) best = split;
  }
  return best;
}
