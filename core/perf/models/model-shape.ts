/** Keys and values of grouped-query attention, one pair of vectors for each KV head. */
export interface GroupedAttention {
  readonly kind: 'gqa';
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Queries and keys are normalised by head. */
  readonly normalisesHeads: boolean;
  /** Tokens that layers with a sliding window look back; absent where all layers see everything. */
  readonly window?: { readonly tokens: number; readonly layers: number };
}

/** Multi-head latent attention: one compressed vector a token, shared by all heads. */
export interface LatentAttention {
  readonly kind: 'mla';
  readonly heads: number;
  /** Rank of the query's compression; 0 = the query is projected at once. */
  readonly queryRank: number;
  readonly kvRank: number;
  readonly ropeDim: number;
  /** Of a head, without the rotary part. */
  readonly keyDim: number;
  readonly valueDim: number;
}

/** The feed-forward layers of a mixture of experts. */
export interface Experts {
  /** Layers that have them; those before are dense. */
  readonly layers: number;
  readonly count: number;
  readonly perToken: number;
  readonly intermediate: number;
  /** Width of the experts that every token visits; 0 = none. */
  readonly sharedIntermediate: number;
}

/** Everything of a decoder-only transformer that its speed and its memory depend on. */
export interface ModelShape {
  readonly name: string;
  /** `architectures[0]` of its config. */
  readonly architecture: string;
  readonly layers: number;
  readonly hidden: number;
  readonly vocabulary: number;
  /** Width of a dense feed-forward layer. */
  readonly intermediate: number;
  /** A gate beside the up projection: three matrices instead of two. */
  readonly gated: boolean;
  readonly tiedEmbeddings: boolean;
  /** Attention and feed-forward layer are normalised after themselves, too. */
  readonly normalisesTwice?: true;
  readonly attention: GroupedAttention | LatentAttention;
  readonly experts?: Experts;
  /** Longest context that it was made for. */
  readonly maxContext?: number;
  /** How the checkpoint's matrices are stored, where it says so. */
  readonly quantization?: Quantization;
  /** The matrices of attention stay in bf16, whatever the quantisation. */
  readonly keepsAttention?: true;
}

/**
 * How matrices are stored and multiplied. `fp8`: scaled by tensor, activations quantised by a
 * kernel of their own; `fp8_static`: the scale of activations is in the checkpoint, so that no such
 * kernel runs; `fp8_block`: scales of 128 · 128 blocks; `int4`, `mxfp4`: weights only.
 */
export const QUANTIZATIONS = [
  'bf16',
  'fp8',
  'fp8_static',
  'fp8_block',
  'int8',
  'int4',
  'nvfp4',
  'mxfp4',
] as const;

export type Quantization = (typeof QUANTIZATIONS)[number];
