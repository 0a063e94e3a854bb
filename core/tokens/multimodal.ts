/** An image, video or audio clip inside a prompt. */
export interface MultimodalObject {
  /** Content hash, unsigned 64 bits. */
  readonly hash: bigint;
  /** The token ranges that stand for it, end exclusive, over the whole prompt. */
  readonly ranges: readonly (readonly [start: number, end: number])[];
}

const PAD_BASE = 1_000_000;
const PAD_MASK = (1n << 30n) - 1n;

/**
 * Which objects overlap each block: the input of the scheme that appends object hashes to a block's
 * tokens. A hash is named once a block, however many ranges it has there.
 */
export function multimodalHashesByBlock(
  objects: readonly MultimodalObject[],
  tokens: number,
  blockSize: number,
): (bigint[] | undefined)[] {
  const blocks = Math.ceil(tokens / blockSize);
  const byBlock: (bigint[] | undefined)[] = new Array(blocks).fill(undefined);
  for (const object of objects) {
    for (const [start, end] of object.ranges) {
      if (start >= end) continue;
      const last = Math.min(Math.floor((end - 1) / blockSize), blocks - 1);
      for (let block = Math.floor(start / blockSize); block <= last; block++) {
        const hashes = byBlock[block] ?? [];
        if (!hashes.includes(object.hash)) hashes.push(object.hash);
        byBlock[block] = hashes;
      }
    }
  }
  return byBlock;
}

/** The token that stands for an object under pad-value canonicalisation: 10^6 + its low 30 bits. */
export function padValue(hash: bigint): number {
  return PAD_BASE + Number(hash & PAD_MASK);
}

/** The prompt with every token of an object replaced by its pad value; then hash it as plain tokens. */
export function canonicalizeRanges(
  tokens: ArrayLike<number>,
  objects: readonly MultimodalObject[],
): Uint32Array<ArrayBuffer> {
  const canonical = Uint32Array.from(tokens);
  for (const object of objects) {
    for (const [start, end] of object.ranges) canonical.fill(padValue(object.hash), start, end);
  }
  return canonical;
}

/**
 * The same where only the image token's id is known, as in engine events: the n-th run of that id
 * becomes the pad value of the n-th object; runs beyond the last object take the last one's.
 */
export function canonicalizeRuns(
  tokens: ArrayLike<number>,
  imageToken: number,
  objectHashes: readonly bigint[],
): Uint32Array<ArrayBuffer> {
  const canonical = Uint32Array.from(tokens);
  if (objectHashes.length === 0) return canonical;
  let run = -1;
  for (let at = 0; at < canonical.length; at++) {
    if (tokens[at] !== imageToken) continue;
    if (at === 0 || tokens[at - 1] !== imageToken) run++;
    canonical[at] = padValue(objectHashes[Math.min(run, objectHashes.length - 1)]!);
  }
  return canonical;
}
