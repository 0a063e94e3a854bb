import type { ModelShape } from '../models/model-shape.ts';
import { type Deployment, kvElementBytes } from '../pass/deployment.ts';

/**
 * Bytes that one token of context takes in the KV cache of one GPU, on average over a request of
 * `requestTokens` tokens; where no length is known, as if every layer kept everything. Grouped-query
 * attention keeps a key and a value for each KV head, of which a GPU holds at least one; latent
 * attention one compressed vector, on every GPU whole.
 */
export function kvBytesPerToken(deployment: Deployment, requestTokens?: number): number {
  const { model, tensorParallel, pipelineParallel, kvFormat } = deployment;
  const layers = Math.ceil(model.layers / pipelineParallel) * keptShare(deployment, requestTokens);
  return layers * elementsPerTokenAndLayer(model, tensorParallel) * kvElementBytes(kvFormat);
}

/**
 * Of L tokens in each of all layers what a request holds: (full · L + windowed · min(L, window)) of
 * (full + windowed) · L. vLLM frees what a window has left behind. The others keep it unless they are
 * told to: SGLang's pools have sizes in a fixed proportion, TensorRT-LLM's windows are those of
 * `max_attention_window`, by default the whole sequence.
 */
function keptShare({ engine, model }: Deployment, requestTokens = 0): number {
  const { attention, layers } = model;
  const window = attention.kind === 'gqa' ? attention.window : undefined;
  if (engine !== 'vllm' || window === undefined || requestTokens <= window.tokens) return 1;
  const full = layers - window.layers;
  return (full + (window.layers * window.tokens) / requestTokens) / layers;
}

function elementsPerTokenAndLayer({ attention }: ModelShape, tensorParallel: number): number {
  if (attention.kind === 'mla') return attention.kvRank + attention.ropeDim;
  return 2 * Math.ceil(attention.kvHeads / tensorParallel) * attention.headDim;
}
