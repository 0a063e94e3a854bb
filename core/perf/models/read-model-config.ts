import { InputError } from '#core/base/errors.ts';
import { nearestName } from '#core/base/nearest.ts';
import { ConfigFields } from './config-fields.ts';
import { ARCHITECTURES, type FamilyReader } from './families.ts';
import type { ModelShape } from './model-shape.ts';
import { keepsAttention, readQuantization } from './read-quantization.ts';

/**
 * A Hugging Face `config.json` as a model. `name` is what the model is called in reports, `file`
 * where the config stands, for errors. Throws an InputError that names the architecture that is
 * unknown, or the field that is missing or no number: nothing is guessed.
 */
export function readModelConfig(json: unknown, name: string, file?: string): ModelShape {
  const outer = new ConfigFields(json, file);
  const architecture = outer.architecture();
  const read = readerOf(architecture, file);
  // Multimodal checkpoints keep the language model's fields in a section of their own.
  const fields = outer.section('text_config') ?? outer;
  const quantization = readQuantization(outer) ?? readQuantization(fields);
  const layers = fields.count('num_hidden_layers');
  const maxContext = fields.optionalCount('max_position_embeddings');
  return {
    name,
    architecture,
    layers,
    hidden: fields.count('hidden_size'),
    vocabulary: fields.count('vocab_size'),
    ...read(fields),
    ...(maxContext !== undefined && { maxContext }),
    ...(quantization !== undefined && { quantization }),
    ...((keepsAttention(outer, layers) || keepsAttention(fields, layers)) && {
      keepsAttention: true,
    }),
  };
}

function readerOf(architecture: string, file: string | undefined): FamilyReader {
  const family = ARCHITECTURES.find(([name]) => name === architecture);
  if (family !== undefined) return family[1];
  const known = ARCHITECTURES.map(([name]) => name);
  const nearest = nearestName(architecture, known);
  throw new InputError('model_unknown', 'this architecture has no model of its speed', {
    path: 'architectures[0]',
    received: architecture,
    allowed: `one of ${known.join(', ')}`,
    ...(file !== undefined && { file }),
    ...(nearest !== undefined && { nearest }),
  });
}
