import type { RandomStream } from '#core/base/random.ts';

/** Tokens of a block. */
export const BLOCK_SIZE = 4;
const FAMILIES = 4;
const LONGEST = 10;
/** How often a prompt goes on as most others of its family do. */
const COMMON = 0.7;

/**
 * A prompt as the way it takes through a tree: its family, then at each block one of two ways on. Blocks
 * at one place of two families, or after other beginnings, may be alike in content and are not the same.
 */
export interface OraclePrompt {
  /** The names of its beginnings, one a full block: `2`, `20`, `201` … */
  readonly keys: readonly string[];
  readonly tokens: readonly number[];
}

/** A prompt of 1 to 10 full blocks and up to three tokens besides. */
export function drawPrompt(stream: RandomStream): OraclePrompt {
  const blocks = 1 + stream.nextBelow(LONGEST);
  const tail = stream.nextBelow(BLOCK_SIZE);
  let key = String(stream.nextBelow(FAMILIES));
  const keys: string[] = [];
  for (let block = 0; block < blocks; block++) {
    key += stream.nextFloat() < COMMON ? '0' : '1';
    keys.push(key);
  }
  const rest = Array.from({ length: tail }, (_, at) => 9_000 + at);
  return { keys, tokens: [...keys.flatMap(blockTokens), ...rest] };
}

/** The tokens of the last block of a beginning. */
export function blockTokens(key: string): readonly number[] {
  const family = Number(key[0]);
  const way = Number(key.at(-1));
  // Two families share their contents, so that a block alone does not tell where it stands.
  const first = 1 + BLOCK_SIZE * (way + 2 * (key.length + 32 * (family >> 1)));
  const own = key.length === 2 ? 1_000 * family : 0;
  return Array.from({ length: BLOCK_SIZE }, (_, at) => own + first + at);
}
