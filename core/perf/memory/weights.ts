import type { ModelShape, Quantization } from '../models/model-shape.ts';
import { QUANTIZATION_FACTS } from '../models/quantization.ts';
import type { Deployment } from '../pass/deployment.ts';

/** Elements of the matrices of one layer's attention, on all GPUs together. */
function attentionElements({ attention, hidden }: ModelShape): number {
  if (attention.kind === 'gqa') {
    const { heads, kvHeads, headDim } = attention;
    return hidden * headDim * (2 * heads + 2 * kvHeads);
  }
  const { heads, queryRank, kvRank, ropeDim, keyDim, valueDim } = attention;
  const queries = heads * (keyDim + ropeDim);
  const query = queryRank === 0 ? hidden * queries : queryRank * (hidden + queries);
  const keysAndValues = hidden * (kvRank + ropeDim) + kvRank * heads * (keyDim + valueDim);
  return query + keysAndValues + heads * valueDim * hidden;
}

/** Parameters of a model, all of them and those that one token uses. */
export interface ParameterCount {
  readonly all: number;
  readonly active: number;
}

/** Counts the parameters of the matrices; norms and biases are less than a thousandth. */
export function parameterCount(model: ModelShape): ParameterCount {
  const { layers, hidden, vocabulary, intermediate, gated, tiedEmbeddings, experts } = model;
  const embeddings = vocabulary * hidden * (tiedEmbeddings ? 1 : 2);
  const attention = layers * attentionElements(model);
  const dense = (layers - (experts?.layers ?? 0)) * (gated ? 3 : 2) * hidden * intermediate;
  const common = embeddings + attention + dense;
  if (experts === undefined) return { all: common, active: common };
  const expert = 3 * hidden * experts.intermediate;
  const shared = 3 * hidden * experts.sharedIntermediate;
  const router = hidden * experts.count;
  const each = (visited: number) => experts.layers * (visited * expert + shared + router);
  return { all: common + each(experts.count), active: common + each(experts.perToken) };
}

/**
 * Bytes of the weights on one GPU. Embedding and output head stay in bf16 whatever the quantisation
 * and are split by tensor parallelism; layers are dealt out to pipeline stages, experts to all GPUs
 * that serve them together.
 */
export function weightBytesPerGpu(deployment: Deployment): number {
  const { model, tensorParallel, pipelineParallel, dataParallel, quantization } = deployment;
  const { layers, hidden, vocabulary, intermediate, gated, tiedEmbeddings, experts } = model;
  const each = bytesOf(quantization);
  const embeddings = (2 * vocabulary * hidden * (tiedEmbeddings ? 1 : 2)) / tensorParallel;
  const dense = (layers - (experts?.layers ?? 0)) * (gated ? 3 : 2) * hidden * intermediate;
  const attention = (layers * attentionElements(model)) / tensorParallel;
  const split = dense / tensorParallel;
  const routed = experts
    ? (experts.layers * experts.count * 3 * hidden * experts.intermediate) /
      (tensorParallel * dataParallel)
    : 0;
  const shared = experts
    ? (experts.layers * 3 * hidden * experts.sharedIntermediate) / tensorParallel
    : 0;
  const attentionBytes = (model.keepsAttention ? 2 : each) * attention;
  return embeddings + (attentionBytes + each * (split + routed + shared)) / pipelineParallel;
}

function bytesOf(quantization: Quantization): number {
  return QUANTIZATION_FACTS[quantization].weightBytes;
}
