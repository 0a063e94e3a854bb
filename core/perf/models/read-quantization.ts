import type { ConfigFields } from './config-fields.ts';
import type { Quantization } from './model-shape.ts';

const METHODS = ['fp8', 'fbgemm_fp8', 'mxfp4', 'gptq', 'awq', 'modelopt', 'compressed-tensors'];

const OTHERWISE = 'or without quantization_config, and with --quantization or engine.quantization';

/**
 * How a checkpoint is quantised, by `quantization_config` of its `config.json`; undefined where it
 * says nothing. Hugging Face fp8 by tensor is static unless its scheme is dynamic; with a block
 * size of weights it is fp8_block. Throws an InputError where it says something that is not known:
 * taken for bf16, it would be too slow and too large by a factor.
 */
export function readQuantization(fields: ConfigFields): Quantization | undefined {
  const section = fields.section('quantization_config');
  if (section === undefined) return undefined;
  const key = section.text('quant_method') === undefined ? 'quant_algo' : 'quant_method';
  const method = (section.text(key) ?? '').toLowerCase();
  if (method === 'fp8' || method === 'fbgemm_fp8') {
    if (section.list('weight_block_size') !== undefined) return 'fp8_block';
    return section.text('activation_scheme') === 'static' ? 'fp8_static' : 'fp8';
  }
  if (method === 'mxfp4') return 'mxfp4';
  if (method === 'gptq' || method === 'awq') return 'int4';
  if (method === 'modelopt') return ofModelOpt(section);
  if (method === 'compressed-tensors') return ofCompressedTensors(section);
  return section.refuse(key, `one of ${METHODS.join(', ')}; ${OTHERWISE}`);
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

function ofModelOpt(section: ConfigFields): Quantization {
  const algorithm = (section.text('quant_algo') ?? '').toUpperCase();
  if (algorithm === 'NVFP4') return 'nvfp4';
  if (algorithm === 'FP8') return 'fp8_static';
  return section.refuse('quant_algo', `NVFP4 or FP8; ${OTHERWISE}`);
}

function ofCompressedTensors(section: ConfigFields): Quantization {
  const format = section.text('format') ?? '';
  if (format.startsWith('nvfp4')) return 'nvfp4';
  if (format === 'pack-quantized') return 'int4';
  if (format === 'int-quantized') return 'int8';
  const activations = section
    .section('config_groups')
    ?.section('group_0')
    ?.section('input_activations');
  if (format !== 'float-quantized') {
    const allowed = 'nvfp4-pack-quantized, pack-quantized, int-quantized or float-quantized';
    return section.refuse('format', `${allowed}; ${OTHERWISE}`);
  }
  return activations?.flag('dynamic', false) === false ? 'fp8_static' : 'fp8';
}
