import type { TokenizerPool } from './local/tokenizer-pool.ts';
import type { PromptReader, PromptSource } from './prompt-reader.ts';

/** Knows prompts by a tokenizer of the router's own. */
export function localReader(pool: TokenizerPool): PromptReader {
  return {
    read: (source, signal) =>
      pool.read({ route: source.route, body: bodyOf(source), salt: source.salt }, signal),
  };
}

/** What a tokenizer reads of a body, which may hold much else. */
const READ = {
  chat: [
    'messages',
    'tools',
    'documents',
    'chat_template',
    'chat_template_kwargs',
    'add_generation_prompt',
    'continue_final_message',
    'add_special_tokens',
  ],
  completions: ['prompt', 'add_special_tokens'],
  embeddings: ['input', 'add_special_tokens'],
} as const;

function bodyOf({ body, route }: PromptSource): Record<string, unknown> {
  const read: Record<string, unknown> = {};
  for (const key of READ[route]) if (body.has(key)) read[key] = body.value(key);
  return read;
}
