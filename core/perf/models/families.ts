import type { ConfigFields } from './config-fields.ts';
import type { Experts, GroupedAttention, LatentAttention, ModelShape } from './model-shape.ts';

/** What sets the families of architectures apart. */
export type FamilyTraits = Pick<
  ModelShape,
  'attention' | 'gated' | 'intermediate' | 'tiedEmbeddings' | 'normalisesTwice' | 'experts'
>;

export type FamilyReader = (fields: ConfigFields) => FamilyTraits;

function groupedAttention(fields: ConfigFields, normalisesHeads = false): GroupedAttention {
  const heads = fields.count('num_attention_heads');
  const window = slidingWindow(fields);
  return {
    kind: 'gqa',
    heads,
    kvHeads: fields.optionalCount('num_key_value_heads') ?? heads,
    headDim: fields.optionalCount('head_dim') ?? fields.count('hidden_size') / heads,
    normalisesHeads,
    ...(window !== undefined && { window }),
  };
}

/** Which layers look back only so far: by their list, by a pattern, or all of them. */
function slidingWindow(fields: ConfigFields): GroupedAttention['window'] {
  const tokens = fields.optionalCount('sliding_window');
  if (tokens === undefined || !fields.flag('use_sliding_window', true)) return undefined;
  const layers = fields.count('num_hidden_layers');
  const types = fields.list('layer_types');
  if (types !== undefined) {
    return { tokens, layers: types.filter((type) => type === 'sliding_attention').length };
  }
  // One layer in so many sees everything.
  const pattern = fields.optionalCount('sliding_window_pattern');
  if (pattern !== undefined) return { tokens, layers: layers - Math.floor(layers / pattern) };
  return { tokens, layers };
}

function latentAttention(fields: ConfigFields): LatentAttention {
  return {
    kind: 'mla',
    heads: fields.count('num_attention_heads'),
    queryRank: fields.optionalCount('q_lora_rank', 0) ?? 0,
    kvRank: fields.count('kv_lora_rank'),
    ropeDim: fields.count('qk_rope_head_dim'),
    keyDim: fields.count('qk_nope_head_dim'),
    valueDim: fields.count('v_head_dim'),
  };
}

/** A gated feed-forward layer after grouped-query attention. */
function dense(normalisesHeads = false, tied = false): FamilyReader {
  return (fields) => ({
    attention: groupedAttention(fields, normalisesHeads),
    gated: true,
    intermediate: fields.count('intermediate_size'),
    tiedEmbeddings: fields.flag('tie_word_embeddings', tied),
  });
}

function withExperts(
  attention: (fields: ConfigFields) => ModelShape['attention'],
  experts: (fields: ConfigFields) => Experts,
): FamilyReader {
  return (fields) => ({
    attention: attention(fields),
    gated: true,
    intermediate: fields.count('intermediate_size'),
    tiedEmbeddings: fields.flag('tie_word_embeddings', false),
    experts: experts(fields),
  });
}

function mixtralExperts(fields: ConfigFields): Experts {
  return {
    layers: fields.count('num_hidden_layers'),
    count: fields.count('num_local_experts'),
    perToken: fields.count('num_experts_per_tok'),
    intermediate: fields.count('intermediate_size'),
    sharedIntermediate: 0,
  };
}

function qwenExperts(fields: ConfigFields): Experts {
  const denseLayers = fields.list('mlp_only_layers') ?? [];
  return {
    layers: fields.count('num_hidden_layers') - denseLayers.length,
    count: fields.count('num_experts'),
    perToken: fields.count('num_experts_per_tok'),
    intermediate: fields.count('moe_intermediate_size'),
    sharedIntermediate: fields.optionalCount('shared_expert_intermediate_size', 0) ?? 0,
  };
}

function deepseekExperts(fields: ConfigFields): Experts {
  const intermediate = fields.count('moe_intermediate_size');
  const denseLayers = fields.optionalCount('first_k_dense_replace', 0) ?? 0;
  return {
    layers: fields.count('num_hidden_layers') - denseLayers,
    count: fields.count('n_routed_experts'),
    perToken: fields.count('num_experts_per_tok'),
    intermediate,
    sharedIntermediate: intermediate * (fields.optionalCount('n_shared_experts', 0) ?? 0),
  };
}

/** Gemma's, with a norm before and after everything from its second version on. */
function gemma(normalisesHeads: boolean): FamilyReader {
  const read = dense(normalisesHeads, true);
  return (fields) => ({ ...read(fields), normalisesTwice: true });
}

/** Two matrices of four times the width, under names of its own. */
function bloom(fields: ConfigFields): FamilyTraits {
  return {
    attention: groupedAttention(fields),
    gated: false,
    intermediate: 4 * fields.count('hidden_size'),
    tiedEmbeddings: true,
  };
}

const grouped = (fields: ConfigFields) => groupedAttention(fields);
const normalised = (fields: ConfigFields) => groupedAttention(fields, true);

/** How a model's fields are read, by the class that its config names first. */
export const ARCHITECTURES: readonly (readonly [string, FamilyReader])[] = [
  ['LlamaForCausalLM', dense()],
  ['MistralForCausalLM', dense()],
  ['Qwen2ForCausalLM', dense()],
  ['Qwen3ForCausalLM', dense(true)],
  ['Phi3ForCausalLM', dense()],
  ['Olmo2ForCausalLM', dense(true)],
  ['GraniteForCausalLM', dense()],
  ['Glm4ForCausalLM', dense()],
  ['GemmaForCausalLM', dense(false, true)],
  ['Gemma2ForCausalLM', gemma(false)],
  ['Gemma3ForCausalLM', gemma(true)],
  ['Gemma3ForConditionalGeneration', gemma(true)],
  ['Mistral3ForConditionalGeneration', dense()],
  ['MixtralForCausalLM', withExperts(grouped, mixtralExperts)],
  ['GptOssForCausalLM', withExperts(grouped, mixtralExperts)],
  ['Qwen2MoeForCausalLM', withExperts(grouped, qwenExperts)],
  ['Qwen3MoeForCausalLM', withExperts(normalised, qwenExperts)],
  ['DeepseekV2ForCausalLM', withExperts(latentAttention, deepseekExperts)],
  ['DeepseekV3ForCausalLM', withExperts(latentAttention, deepseekExperts)],
  ['BloomForCausalLM', bloom],
  ['KimiK2ForCausalLM', withExperts(latentAttention, deepseekExperts)],
];
