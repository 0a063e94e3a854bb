import type { SglangState } from './sglang-state.ts';

/** With more waiting than this, prefixes are not compared and who came first comes in first. */
const MOST_COMPARED = 128;

/** Cached tokens up to which a prompt may be put back, and tokens in common that put it back. */
const CHECKED_TOKENS = 32;
const COMMON_TOKENS = 32;

/** Scratch of the rank that plans: cached blocks of those that wait, −1 = put back. */
const cached = new Int32Array(MOST_COMPARED);
/** Where the first blocks of those lie that are not put back; few are cached of any of them. */
const beginnings = new Int32Array(MOST_COMPARED);
const path = { leaf: -1, leafBlocks: 0 };

/**
 * Puts those that wait in the order of their cached prefixes, the longest first, equal ones as they
 * stand. A prompt of which little is cached but that begins like one before it in the queue goes to
 * the end: once that one is computed it will find the beginning cached.
 */
export function orderWaiting(rank: SglangState): void {
  const { waiting } = rank;
  const { longestPrefixFirst, blockSize } = rank.engine.settings;
  if (!longestPrefixFirst || waiting.count > MOST_COMPARED) return;
  let begun = 0;
  for (let place = 0; place < waiting.count; place++) {
    const row = waiting.rowAt(place);
    const blocks = matchedPages(rank, row);
    const beginning = blocks * blockSize > CHECKED_TOKENS ? -1 : beginningOf(rank, row);
    const repeats = beginning >= 0 && beginnings.subarray(0, begun).includes(beginning);
    if (beginning >= 0 && !repeats) beginnings[begun++] = beginning;
    insert(rank, place, row, repeats ? -1 : blocks);
  }
}

/** Moves a request from its place to behind those of which as much or more is cached. */
function insert({ waiting }: SglangState, place: number, row: number, blocks: number): void {
  let at = place;
  for (; at > 0 && cached[at - 1]! < blocks; at--) {
    cached[at] = cached[at - 1]!;
    waiting.put(at, waiting.rowAt(at - 1));
  }
  cached[at] = blocks;
  waiting.put(at, row);
}

/** Leading blocks that are cached; unlike for what it then reuses, the last token counts. */
function matchedPages(rank: SglangState, row: number): number {
  const whole = rank.cacheable(rank.known(row));
  return whole === 0 ? 0 : rank.pool.match(row, whole);
}

/** What tells the first blocks of a prompt from others, −1 = it is too short. */
function beginningOf(rank: SglangState, row: number): number {
  const { holders, forest, settings } = rank.engine;
  const blocks = Math.ceil(COMMON_TOKENS / settings.blockSize);
  const usable = Math.min(rank.cacheable(rank.known(row)), holders.pathBlocks[row]!);
  if (usable < blocks) return -1;
  forest.prefix(holders.leaf[row]!, blocks, path);
  return path.leaf;
}
