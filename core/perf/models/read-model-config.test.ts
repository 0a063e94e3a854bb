import { expect, test } from 'vitest';
import { parameterCount } from '../memory/weights.ts';
import { findModel, MODEL_NAMES, nearestModel } from './find-model.ts';
import { readModelConfig } from './read-model-config.ts';

const tiny = {
  architectures: ['Qwen3ForCausalLM'],
  hidden_size: 768,
  num_hidden_layers: 6,
  num_attention_heads: 12,
  num_key_value_heads: 4,
  intermediate_size: 2304,
  vocab_size: 4096,
  tie_word_embeddings: true,
};

test('a config of Hugging Face becomes a shape; the size of a head follows where it is not said', () => {
  expect(readModelConfig(tiny, 'tiny')).toEqual({
    name: 'tiny',
    architecture: 'Qwen3ForCausalLM',
    layers: 6,
    hidden: 768,
    vocabulary: 4096,
    intermediate: 2304,
    gated: true,
    tiedEmbeddings: true,
    attention: { kind: 'gqa', heads: 12, kvHeads: 4, headDim: 64, normalisesHeads: true },
  });
});

test('a missing field is named, with the file', () => {
  const { vocab_size: _, ...rest } = tiny;
  expect(() => readModelConfig(rest, 'tiny', 'config.json')).toThrow(
    'config.json: vocab_size: this field is missing; allowed: a whole number from 1',
  );
});

test('an unknown architecture is refused with the nearest known one', () => {
  const config = { ...tiny, architectures: ['Qwen3ForCausaLM'] };
  expect(() => readModelConfig(config, 'tiny')).toThrow(/did you mean "Qwen3ForCausalLM"\?/);
});

test.each([
  [undefined, undefined],
  [{ quant_method: 'fp8', activation_scheme: 'dynamic' }, 'fp8'],
  [{ quant_method: 'fp8', activation_scheme: 'static' }, 'fp8_static'],
  [{ quant_method: 'fp8', weight_block_size: [128, 128] }, 'fp8_block'],
  [{ quant_method: 'awq' }, 'int4'],
  [{ quant_method: 'modelopt', quant_algo: 'NVFP4' }, 'nvfp4'],
  [{ quant_method: 'mxfp4' }, 'mxfp4'],
])('a checkpoint that says %j is quantised as %s', (section, expected) => {
  const config = section === undefined ? tiny : { ...tiny, quantization_config: section };
  expect(readModelConfig(config, 'tiny').quantization).toBe(expected);
});

test.each([
  [{ quant_method: 'aqlm' }, 'quant_method'],
  [{ quant_method: 'modelopt', quant_algo: 'W4A8_AWQ' }, 'quant_algo'],
  [{ quant_method: 'compressed-tensors', format: 'marlin-24' }, 'format'],
  [{ bits: 4 }, 'quant_algo'],
])('a checkpoint quantised as %j is never taken for one in bf16', (section, field) => {
  const config = { ...tiny, quantization_config: section };
  expect(() => readModelConfig(config, 'tiny', 'config.json')).toThrow(
    `config.json: quantization_config.${field}: this field`,
  );
});

test.each([
  ['one layer in six sees everything', { sliding_window: 1024, sliding_window_pattern: 6 }, 5],
  ['all do where the window is not used', { sliding_window: 1024, use_sliding_window: false }, 0],
  [
    'a list says which',
    {
      sliding_window: 128,
      layer_types: ['sliding_attention', 'full_attention', 'sliding_attention'],
    },
    2,
  ],
])('of layers with a window: %s', (_, fields, layers) => {
  const { attention } = readModelConfig({ ...tiny, ...fields }, 'tiny');
  expect(attention.kind === 'gqa' && (attention.window?.layers ?? 0)).toBe(layers);
});

// Published parameter counts, in billions.
test.each([
  ['meta-llama/Llama-3.1-8B-Instruct', 8.03, 8.03],
  ['meta-llama/Llama-3.1-405B-Instruct', 405.8, 405.8],
  ['Qwen/Qwen3-32B', 32.8, 32.8],
  ['Qwen/Qwen3-30B-A3B', 30.5, 3.3],
  ['mistralai/Mixtral-8x7B-v0.1', 46.7, 12.9],
  ['openai/gpt-oss-120b', 116.8, 5.7],
  ['deepseek-ai/DeepSeek-V3', 671, 37.5],
  ['moonshotai/Kimi-K2-Instruct', 1026, 32.9],
  ['google/gemma-3-27b-it', 27, 27],
])('%s has %f billion parameters, %f of them active', (name, all, active) => {
  const count = parameterCount(findModel(name)!);
  expect(count.all / 1e9).toBeCloseTo(all, all > 500 ? 0 : 1);
  expect(count.active / 1e9).toBeCloseTo(active, 0);
});

test('every built-in config can be read', () => {
  expect(MODEL_NAMES.length).toBeGreaterThanOrEqual(30);
  for (const name of MODEL_NAMES) expect(findModel(name)?.layers).toBeGreaterThan(0);
});

test('organisation, tuning and quantisation in a name do not change the shape', () => {
  const shape = findModel('nvidia/Llama-3.3-70B-Instruct-FP8');
  expect(shape?.hidden).toBe(8192);
  expect(shape?.name).toBe('nvidia/Llama-3.3-70B-Instruct-FP8');
  expect(findModel('Qwen/Qwen3-33B')).toBeUndefined();
  expect(nearestModel('Qwen/Qwen3-33B')).toBe('Qwen/Qwen3-32B');
});
