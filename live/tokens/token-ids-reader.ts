import { blockHashes, sequenceHashes } from '#core/tokens/block-hash.ts';
import { readNumbers } from '#live/bytes/number-list.ts';
import type { PromptBlocks } from '#live/routing/route-ask.ts';
import { BadPrompt, type PromptReader, type PromptSource } from './prompt-reader.ts';

const MAX_TOKEN_ID = 2 ** 32 - 1;

/** Reads prompts that come as token ids, in a hint or in place of text. */
export function tokenIdsReader(blockSize: number): PromptReader {
  return {
    read(source) {
      const prompts = tokenIdsOf(source);
      return prompts && blocksOf(prompts, blockSize, source);
    },
  };
}

/**
 * The token ids of a request, a list for each of its prompts; undefined where it brings text. An id
 * that is none throws a `BadPrompt`.
 */
export function tokenIdsOf(source: PromptSource): readonly ArrayLike<number>[] | undefined {
  if (source.tokenIds !== undefined) return [checked(source.tokenIds, 'nvext.token_data')];
  const key = source.route === 'completions' ? 'prompt' : 'input';
  if (source.route === 'chat' || source.body.kind(key) !== 'array') return undefined;
  const plain = readNumbers(source.body.raw(key)!);
  if (plain !== undefined) return plain.length === 0 ? undefined : [plain];
  const list = source.body.value(key) as readonly unknown[];
  if (list.length === 0 || typeof list[0] === 'string') return undefined;
  if (!Array.isArray(list[0])) return [checked(list, key)];
  return list.map((prompt) => {
    if (!Array.isArray(prompt))
      throw new BadPrompt(key, `${key} mixes lists of token ids with other values`);
    return checked(prompt, key);
  });
}

function checked(ids: readonly unknown[], param: string): readonly number[] {
  for (const id of ids) {
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id > MAX_TOKEN_ID) {
      throw new BadPrompt(param, `${param} has ${JSON.stringify(id)} where a token id belongs`);
    }
  }
  return ids as readonly number[];
}

/** Of several prompts, which an engine computes side by side, the first is looked for in caches. */
function blocksOf(
  prompts: readonly ArrayLike<number>[],
  blockSize: number,
  { salt }: PromptSource,
): PromptBlocks {
  const inputTokens = prompts.reduce((sum, prompt) => sum + prompt.length, 0);
  const hashes = sequenceHashes(blockHashes(prompts[0] ?? [], blockSize, salt));
  return { inputTokens: Math.max(1, inputTokens), hashes };
}
