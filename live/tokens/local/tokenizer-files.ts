import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '#core/base/errors.ts';

/** What a tokenizer and its chat template are made of. */
export interface TokenizerFiles {
  /** `tokenizer.json`. */
  readonly tokenizer: Readonly<Record<string, unknown>>;
  /** `tokenizer_config.json`; empty where there is none. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Chat templates by name; models with one have it as `default`. */
  readonly templates: ReadonlyMap<string, string>;
}

/**
 * Reads the folder of a model as HuggingFace lays it out. Throws `input_missing` without a
 * `tokenizer.json`, and `config_invalid` with the file where one cannot be read.
 */
export function readTokenizerFiles(folder: string): TokenizerFiles {
  const file = join(folder, 'tokenizer.json');
  if (!existsSync(file)) {
    throw new InputError('input_missing', `there is no ${file}`, {
      path: 'tokenizer.path',
      received: folder,
      remedy: "name the folder that holds the model's tokenizer.json",
    });
  }
  const tokenizer = readJson(file);
  const configFile = join(folder, 'tokenizer_config.json');
  const config = existsSync(configFile) ? readJson(configFile) : {};
  return { tokenizer, config, templates: templatesOf(folder, config) };
}

/** A file of its own counts for more than what the config says, as in transformers. */
function templatesOf(
  folder: string,
  config: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, string> {
  const templates = new Map<string, string>();
  const { chat_template: written } = config;
  if (typeof written === 'string') templates.set('default', written);
  if (Array.isArray(written)) {
    for (const { name, template } of written as { name?: unknown; template?: unknown }[]) {
      if (typeof name === 'string' && typeof template === 'string') templates.set(name, template);
    }
  }
  const file = join(folder, 'chat_template.jinja');
  if (existsSync(file)) templates.set('default', readFileSync(file, 'utf8'));
  return templates;
}

function readJson(file: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
    throw new Error('no JSON object');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError('config_invalid', `cannot be read: ${reason}`, {
      file,
      remedy: 'fetch the file again from where the model comes from',
    });
  }
}
