import { InputError } from '#core/base/errors.ts';
import { nearestName } from '#core/base/nearest.ts';
import builtIn from './built-in.json' with { type: 'json' };
import type { ModelShape } from './model-shape.ts';
import { readModelConfig } from './read-model-config.ts';

const CONFIGS: Readonly<Record<string, unknown>> = builtIn;

/** Names of the models whose config is built in. */
export const MODEL_NAMES: readonly string[] = Object.keys(CONFIGS).sort();

/**
 * Endings of a name that say how a checkpoint was quantised or tuned, neither of which changes its
 * shape. `Meta-` is what the same models were called before.
 */
const VARIANT =
  /-(instruct|it|chat|base|hf|awq|gptq|fp8|fp4|nvfp4|bf16|v\d+(\.\d+)?|\d{4}|instruct-\d{4}|thinking)$/;

function familyOf(name: string): string {
  let plain = name
    .toLowerCase()
    .replace(/^.*\//, '')
    .replace(/^meta-/, '');
  while (VARIANT.test(plain)) plain = plain.replace(VARIANT, '');
  return plain;
}

/**
 * The built-in model of that name, or the one of the same shape that differs from it only in
 * organisation, tuning or quantisation (`nvidia/Llama-3.3-70B-Instruct-FP8`); or undefined.
 */
export function findModel(name: string): ModelShape | undefined {
  if (Object.hasOwn(CONFIGS, name)) return readModelConfig(CONFIGS[name], name);
  const family = familyOf(name);
  const twin = MODEL_NAMES.find((known) => familyOf(known) === family);
  return twin === undefined ? undefined : readModelConfig(CONFIGS[twin], name);
}

/** What a place takes that names a built-in model, or `instead` of one. */
export function allowedModels(instead?: string): {
  readonly allowed: string;
  readonly remedy: string;
} {
  const names = `one of ${MODEL_NAMES.length} built-in models`;
  return {
    allowed: instead === undefined ? names : `${names}, or ${instead}`,
    remedy: '`windtunnel explain models` lists them',
  };
}

/**
 * As `findModel`. Throws an InputError `model_unknown` at `path`, with the nearest name, where there
 * is none of that name; `instead`: what else would say which model is meant.
 */
export function needModel(name: string, path: string, instead?: string): ModelShape {
  const known = findModel(name);
  if (known !== undefined) return known;
  const nearest = nearestModel(name);
  throw new InputError('model_unknown', 'no built-in model has that name', {
    path,
    received: name,
    ...allowedModels(instead),
    ...(nearest !== undefined && { nearest }),
  });
}

/** The model that `name` may have been meant to be. */
export function nearestModel(name: string): string | undefined {
  const family = nearestName(familyOf(name), MODEL_NAMES.map(familyOf));
  return nearestName(name, MODEL_NAMES) ?? MODEL_NAMES.find((known) => familyOf(known) === family);
}
