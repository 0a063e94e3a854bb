import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Special tokens of the model `tiny`; they follow the 256 bytes and the merges. */
const SPECIAL = ['<|endoftext|>', '<|im_start|>', '<|im_end|>'] as const;

/** Pairs of byte letters that are one token, in the order in which they are merged. */
const MERGES = ['h e', 'l l', 'he ll', 'hell o', 'Ġ w'] as const;

const TEMPLATE = `{%- if tools %}<|im_start|>system
{% for tool in tools %}{{ tool | tojson }}
{% endfor %}<|im_end|>
{% endif %}{% for m in messages %}<|im_start|>{{ m.role }}
{{ m.content }}{% if m.tool_calls %}{{ m.tool_calls[0].function.arguments | tojson }}{% endif %}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}`;

/** The letters that byte-level tokenizers write bytes with (GPT-2): printable ones stand for themselves. */
function byteLetters(): readonly string[] {
  const isPlain = (byte: number) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) =>
    String.fromCodePoint(isPlain(byte) ? byte : next++),
  );
}

/** What of a tokenizer a test wants otherwise. */
export interface TinyTokenizerOptions {
  /** A token that stands before every prompt. */
  readonly bos?: boolean;
  /** The text of `chat_template.jinja`, in a file of its own. */
  readonly templateFile?: string;
  /** Tokens in all; what is missing is filled up with words such as ` w300`. */
  readonly vocabulary?: number;
}

export interface TinyTokenizer {
  readonly folder: string;
  /** The id of a special token or of a merged one, as byte letters. */
  id(token: string): number;
}

/** Writes the files of a small byte-level BPE tokenizer: byte b is token b, `hello` is one token. */
export function writeTinyTokenizer(options: TinyTokenizerOptions = {}): TinyTokenizer {
  const tokens = [...byteLetters(), ...MERGES.map((pair) => pair.replace(' ', ''))];
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  const plain = { single_word: false, lstrip: false, rstrip: false, normalized: false };
  const first = tokens.length + SPECIAL.length;
  const words = Math.max(0, (options.vocabulary ?? 0) - first);
  const added_tokens = [
    ...SPECIAL.map((content, at) => ({ id: tokens.length + at, content, ...plain, special: true })),
    ...Array.from({ length: words }, (_, at) => first + at).map((id) => ({
      ...{ id, content: ` w${id}`, ...plain, special: false },
    })),
  ];
  const post_processor = options.bos
    ? {
        type: 'TemplateProcessing',
        single: [
          { SpecialToken: { id: SPECIAL[0], type_id: 0 } },
          { Sequence: { id: 'A', type_id: 0 } },
        ],
        pair: [],
        special_tokens: {
          [SPECIAL[0]]: { id: SPECIAL[0], ids: [tokens.length], tokens: [SPECIAL[0]] },
        },
      }
    : null;
  // Every field is written out: the tokenizers of engines insist on it.
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true };
  const pre_tokenizer = { ...byteLevel, use_regex: true };
  const model = { type: 'BPE', vocab, merges: MERGES };
  const tokenizer = { version: '1.0', added_tokens, normalizer: null, pre_tokenizer };
  const folder = mkdtempSync(join(tmpdir(), 'windtunnel-tokenizer-'));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const decoder = pre_tokenizer;
  write('tokenizer.json', JSON.stringify({ ...tokenizer, post_processor, decoder, model }));
  const config = { tokenizer_class: 'PreTrainedTokenizerFast', eos_token: SPECIAL[2] };
  write('tokenizer_config.json', JSON.stringify({ ...config, chat_template: TEMPLATE }));
  if (options.templateFile !== undefined) write('chat_template.jinja', options.templateFile);
  const added = new Map<string, number>(added_tokens.map(({ content, id }) => [content, id]));
  return { folder, id: (token) => added.get(token) ?? vocab[token]! };
}
