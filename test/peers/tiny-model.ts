import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeTinyTokenizer } from '#test/support/tiny-tokenizer.ts';

/** Token ids that prompts are made of; every one of them is a word of its own. */
export const VOCABULARY = 4096;

/** A transformer of a few megabytes; with weights drawn at random it computes what a real one would. */
const SHAPE = {
  hidden_size: 256,
  intermediate_size: 768,
  num_hidden_layers: 4,
  num_attention_heads: 8,
  num_key_value_heads: 4,
  head_dim: 32,
  vocab_size: VOCABULARY,
  max_position_embeddings: 2048,
};

/** What a model of the Qwen3 family says of itself besides. */
const KIND = {
  architectures: ['Qwen3ForCausalLM'],
  model_type: 'qwen3',
  hidden_act: 'silu',
  rms_norm_eps: 1e-6,
  rope_theta: 10_000,
  tie_word_embeddings: true,
  attention_bias: false,
  initializer_range: 0.02,
  torch_dtype: 'bfloat16',
};

/** Writes a model without weights, to be started with random ones; the folder, which is the caller's to remove. */
export function writeTinyModel(): string {
  const { folder, id } = writeTinyTokenizer({ vocabulary: VOCABULARY });
  const ends = { eos_token_id: id('<|im_end|>'), pad_token_id: id('<|endoftext|>') };
  const write = (name: string, value: object) =>
    writeFileSync(join(folder, name), `${JSON.stringify(value, null, 1)}\n`);
  write('config.json', { ...SHAPE, ...KIND, ...ends });
  write('generation_config.json', ends);
  return folder;
}
