import type { Deployment } from './deployment.ts';
import { nearestSplit, tensorSplitFault, tensorSplits } from './tensor-split.ts';

/** A way of splitting a model that it does not allow. */
export interface Uneven {
  readonly axis: 'tensor' | 'pipeline' | 'data' | 'expert';
  readonly why: string;
  readonly received: number;
  readonly allowed: string;
  /** The axis along which it can be split further. */
  readonly instead?: Uneven['axis'];
  /** What is nearest to `received` and works. */
  readonly nearest?: number;
}

/**
 * The first axis along which a model cannot be split as a deployment says, or undefined. GPUs that
 * share each layer talk to each other in every one of them, and stand in one node.
 */
export function findUneven(deployment: Deployment): Uneven | undefined {
  const { gpu, model, tensorParallel, pipelineParallel } = deployment;
  const { dataParallel, expertParallel } = deployment;
  if (tensorParallel > gpu.gpusPerNode) {
    const why = `a node has ${gpu.gpusPerNode} × ${gpu.name}`;
    const allowed = `up to ${gpu.gpusPerNode}`;
    return { axis: 'tensor', why, received: tensorParallel, allowed, instead: 'pipeline' };
  }
  const why = tensorSplitFault(deployment);
  if (why !== undefined) return unevenTensor(deployment, why);
  if (pipelineParallel > model.layers) {
    const why = `${model.name} has ${model.layers} layers`;
    const allowed = `1 to ${model.layers}`;
    return { axis: 'pipeline', why, received: pipelineParallel, allowed };
  }
  const none = '1: this model has no experts';
  const together = tensorParallel * dataParallel;
  if (expertParallel > 1 && (model.experts === undefined || together % expertParallel !== 0)) {
    const why = 'experts are dealt out to the GPUs that serve them together';
    const allowed = model.experts === undefined ? none : `a divisor of ${together}`;
    return { axis: 'expert', why, received: expertParallel, allowed };
  }
  if (dataParallel > 1 && model.experts === undefined) {
    const why = 'ranks with attention of their own share the experts of a model';
    return { axis: 'data', why, received: dataParallel, allowed: none };
  }
  return undefined;
}

function unevenTensor(deployment: Deployment, why: string): Uneven {
  const received = deployment.tensorParallel;
  const splits = tensorSplits(deployment);
  const nearest = nearestSplit(splits, received);
  return {
    axis: 'tensor',
    why,
    received,
    allowed: splits.length === 0 ? 'none in one node' : splits.join(', '),
    ...(nearest !== undefined && { nearest }),
  };
}
