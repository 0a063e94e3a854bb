import type { ConfigFields } from './config-fields.ts';
import type { Quantization } from './model-shape.ts';

/**
 * How a checkpoint is quantised, by `quantization_config` of its `config.json`; undefined where it
 * says nothing. Hugging Face fp8 by tensor is static unless its scheme is dynamic; with a block
 * size of weights it is fp8_block.
 */
export function readQuantization(fields: ConfigFields): Quantization | undefined {
  const section = fields.section('quantization_config');
  if (section === undefined) return undefined;
  const method = (section.text('quant_method') ?? section.text('quant_algo') ?? '').toLowerCase();
  if (method === 'fp8' || method === 'fbgemm_fp8') {
    if (section.list('weight_block_size') !== undefined) return 'fp8_block';
    return section.text('activation_scheme') === 'static' ? 'fp8_static' : 'fp8';
  }
  if (method === 'mxfp4') return 'mxfp4';
  if (method === 'gptq' || method === 'awq') return 'int4';
  if (method === 'modelopt') return ofModelOpt(section);
  if (method === 'compressed-tensors') return ofCompressedTensors(section);
  return undefined;
}

/**
 * Whether the matrices of attention are left as they are: `modules_to_not_convert` names those of a
 * layer in the middle, as Meta's FP8 checkpoint of Llama 3.1 405B does. The first and the last layers
 * are often left, too, which is too little to count.
 */
export function keepsAttention(fields: ConfigFields, layers: number): boolean {
  const left = fields.section('quantization_config')?.list('modules_to_not_convert') ?? [];
  const middle = `layers.${Math.floor(layers / 2)}.self_attn`;
  return left.some(
    (name) => typeof name === 'string' && (name === 'self_attn' || name.includes(middle)),
  );
}

function ofModelOpt(section: ConfigFields): Quantization | undefined {
  const algorithm = (section.text('quant_algo') ?? '').toUpperCase();
  if (algorithm === 'NVFP4') return 'nvfp4';
  return algorithm === 'FP8' ? 'fp8_static' : undefined;
}

function ofCompressedTensors(section: ConfigFields): Quantization | undefined {
  const format = section.text('format') ?? '';
  if (format.startsWith('nvfp4')) return 'nvfp4';
  if (format === 'pack-quantized') return 'int4';
  if (format === 'int-quantized') return 'int8';
  const activations = section
    .section('config_groups')
    ?.section('group_0')
    ?.section('input_activations');
  if (format !== 'float-quantized') return undefined;
  return activations?.flag('dynamic', false) === false ? 'fp8_static' : 'fp8';
}
