import { z } from 'zod';
import { count, describe } from '../describe.ts';
import { type KvEventPlaces, tellsKvEvents } from './kv-event-places.ts';

const DEFAULT_CACHE_BYTES = 64 * 1024 * 1024;

/** How the router learns the tokens of prompts that come as text. */
export const tokenizerSchema = z
  .strictObject({
    source: describe(z.enum(['auto', 'local', 'engine', 'text']).default('auto'), {
      effect:
        'Who turns prompts into tokens: local reads the files of path, engine asks an engine for each prompt, text takes the bytes of the prompt for its tokens, which suits routers without KV events. auto is local where path is given, engine where the KV events of some engine are followed, text otherwise. Prompts that come as token ids need none of them.',
    }),
    path: describe(z.string().min(1).exactOptional(), {
      effect:
        "Folder with the model's tokenizer.json, tokenizer_config.json and, where it is a file of its own, chat_template.jinja. It is relative to this file.",
      source: 'vLLM --tokenizer',
      whenAbsent: 'no tokenizer of its own',
    }),
    threads: describe(count().max(64).default(1), {
      effect: 'Threads that turn text into tokens; each holds a tokenizer of its own.',
    }),
    cache_bytes: describe(count(0).default(DEFAULT_CACHE_BYTES), {
      effect:
        'Memory of a thread for pieces of prompts that it has tokenized before, messages of a conversation say; 0 = none.',
      unit: 'bytes',
    }),
  })
  .meta({ description: 'How prompts become tokens, and so KV blocks.' });

export type TokenizerConfig = z.output<typeof tokenizerSchema>;

/** Who is asked, once `auto` is settled. */
export type TokenizerSource = Exclude<TokenizerConfig['source'], 'auto'>;

/** What `source` means for these engines. */
export function tokenizerSourceOf(
  { source, path }: Pick<TokenizerConfig, 'source' | 'path'>,
  places: KvEventPlaces,
): TokenizerSource {
  if (source !== 'auto') return source;
  if (path !== undefined) return 'local';
  return tellsKvEvents(places) ? 'engine' : 'text';
}

/** Keys of a tokenizer of its own that do nothing without one, where they are not as by default. */
export function idleTokenizerKeys(config: TokenizerConfig): readonly string[] {
  return [
    ...(config.path === undefined ? [] : ['path']),
    ...(config.threads === 1 ? [] : ['threads']),
    ...(config.cache_bytes === DEFAULT_CACHE_BYTES ? [] : ['cache_bytes']),
  ];
}
