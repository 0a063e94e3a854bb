import { InputError } from '#core/base/errors.ts';
import { readModelConfig } from '#core/perf/models/read-model-config.ts';
import { readConfigText } from './config-text.ts';

/**
 * The content of a model's config.json. Throws an InputError that names the file, and the field
 * where one is missing, has no use or names an unknown architecture.
 */
export function readModelFile(file: string): unknown {
  const json = parseJson(readConfigText(file), file);
  readModelConfig(json, file, file);
  return json;
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError('model_invalid', `no JSON: ${(error as Error).message}`, { file });
  }
}
