import { ContextAttentionTime } from '../kernels/context-attention.ts';
import { GemmTime } from '../kernels/gemm.ts';
import { GenerationAttentionTime } from '../kernels/generation-attention.ts';
import type { KernelFits } from '../kernels/kernel-fits.ts';
import { LatentAttentionTime } from '../kernels/latent-attention.ts';
import type { GroupedAttention, LatentAttention } from '../models/model-shape.ts';
import { type Deployment, kvElementBytes } from './deployment.ts';

/** Attention of all layers, on one GPU. */
export interface AttentionOperator {
  /** Of prompts: requests, new tokens, tokens in the cache, Σ chunk · (prefix + chunk / 2). */
  contextMs(requests: number, tokens: number, prefix: number, pairs: number): number;
  /** Of requests that decode a token each, with `context` tokens in all. */
  generationMs(requests: number, context: number): number;
}

/** The attention that a deployment computes; layers with a window see no further than it reaches. */
export function attentionOperator(deployment: Deployment, fits: KernelFits): AttentionOperator {
  const { attention } = deployment.model;
  if (attention.kind === 'gqa') return groupedOperator(deployment, attention, fits);
  return latentOperator(deployment, attention, fits);
}

/**
 * Prompts unpack what the cache holds of them, in each pass again: keys and values of the prefix come
 * out of a product like those of the new tokens, which is counted with the projections.
 */
function latentOperator(
  { gpu, model, tensorParallel, quantization, kvFormat }: Deployment,
  attention: LatentAttention,
  fits: KernelFits,
): AttentionOperator {
  const { layers } = model;
  const { kvRank, keyDim, valueDim } = attention;
  const heads = attention.heads / tensorParallel;
  const time = new LatentAttentionTime(gpu, attention, heads, kvElementBytes(kvFormat));
  const kept = model.keepsAttention ? 'bf16' : quantization;
  const unpack = new GemmTime(gpu, kept, fits.gemm(kept));
  return {
    contextMs(requests, tokens, prefix, pairs) {
      const unpackMs = unpack.ms(prefix, heads * (keyDim + valueDim), kvRank);
      return layers * (time.contextMs(requests, tokens, prefix, pairs) + unpackMs);
    },
    generationMs: (...sums) => layers * time.generationMs(...sums),
  };
}

function groupedOperator(
  { gpu, model, tensorParallel, kvFormat }: Deployment,
  { heads, kvHeads, headDim, window }: GroupedAttention,
  fits: KernelFits,
): AttentionOperator {
  const own = {
    heads: heads / tensorParallel,
    kvHeads: Math.ceil(kvHeads / tensorParallel),
    headDim,
  };
  const kvBytes = kvElementBytes(kvFormat);
  const context = new ContextAttentionTime(gpu, own, kvBytes, fits.context(kvFormat));
  const generation = new GenerationAttentionTime(gpu, own, kvBytes, fits.generation(kvFormat));
  const windowed = window?.layers ?? 0;
  const full = model.layers - windowed;
  const reach = window?.tokens ?? 0;
  return {
    contextMs(requests, tokens, prefix, pairs) {
      const all = full === 0 ? 0 : full * context.ms(requests, tokens, prefix, pairs);
      if (windowed === 0) return all;
      const seenPrefix = Math.min(prefix, requests * reach);
      const seenPairs = Math.min(pairs, tokens * reach);
      return all + windowed * context.ms(requests, tokens, seenPrefix, seenPairs, reach);
    },
    generationMs(requests, contextTokens) {
      const all = full === 0 ? 0 : full * generation.ms(requests, contextTokens);
      if (windowed === 0) return all;
      return all + windowed * generation.ms(requests, Math.min(contextTokens, requests * reach));
    },
  };
}
