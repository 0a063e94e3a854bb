import { saltedSeed, sequenceHashes } from '#core/tokens/block-hash.ts';
import { xxh3_64 } from '#core/tokens/xxh3.ts';
import type { PromptReader, PromptSource } from './prompt-reader.ts';

/** Bytes of JSON that a token is taken for: English text has about four, and quotes to go with it. */
const BYTES_PER_TOKEN = 4;

/**
 * Knows prompts by their text, without a tokenizer: equal beginnings are found again, and how many
 * tokens they are is a guess. What it calls a block is what its text would fill; no engine's KV events
 * name the same, so it serves routers that believe their own decisions (`router_kv_events: false`).
 */
export function textPrefixReader(blockSize: number): PromptReader {
  const blockBytes = blockSize * BYTES_PER_TOKEN;
  return {
    read(source) {
      const text = promptBytes(source);
      const seed = saltedSeed(source.salt);
      const blocks = new BigUint64Array(Math.floor(text.length / blockBytes));
      for (let block = 0; block < blocks.length; block++) {
        blocks[block] = xxh3_64(text.subarray(block * blockBytes, (block + 1) * blockBytes), seed);
      }
      const inputTokens = Math.max(1, Math.ceil(text.length / BYTES_PER_TOKEN));
      return { inputTokens, hashes: sequenceHashes(blocks) };
    },
  };
}

/**
 * The bytes that a prompt begins alike in when it goes on from another: tools, which templates put
 * first, and messages without the bracket that closes their list.
 */
function promptBytes({ body, route }: PromptSource): Buffer {
  if (route !== 'chat') return open(body.raw(route === 'completions' ? 'prompt' : 'input'));
  return Buffer.concat([open(body.raw('tools')), open(body.raw('messages'))]);
}

function open(value: Buffer | undefined): Buffer {
  return value === undefined ? Buffer.alloc(0) : value.subarray(0, -1);
}
