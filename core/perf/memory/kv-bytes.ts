import type { ModelShape } from '../models/model-shape.ts';
import { type Deployment, kvElementBytes } from '../pass/deployment.ts';

/**
 * Bytes that one token of context takes in the KV cache of one GPU, by layers that see everything.
 * Grouped-query attention keeps a key and a value for each KV head, of which a GPU holds at least
 * one; latent attention one compressed vector, on every GPU whole. Layers with a sliding window are
 * counted like the others, as engines do whose blocks hold all layers.
 */
export function kvBytesPerToken(deployment: Deployment): number {
  const { model, tensorParallel, pipelineParallel, kvFormat } = deployment;
  const layers = Math.ceil(model.layers / pipelineParallel);
  return layers * elementsPerTokenAndLayer(model, tensorParallel) * kvElementBytes(kvFormat);
}

function elementsPerTokenAndLayer({ attention }: ModelShape, tensorParallel: number): number {
  if (attention.kind === 'mla') return attention.kvRank + attention.ropeDim;
  return 2 * Math.ceil(attention.kvHeads / tensorParallel) * attention.headDim;
}
