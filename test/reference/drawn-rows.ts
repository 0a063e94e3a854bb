import fc from 'fast-check';
import type { HandRow } from './hand-trace.ts';

/** How rows of a trace may be drawn. */
export interface RowDraw {
  /** Between a row and the one before, ms. */
  readonly gapMsMax: number;
  readonly inputMax: number;
  readonly outputMax: number;
  readonly blockSize: number;
  /** Blocks at the beginning of a prompt that it has in common with others of its branch. */
  readonly sharedBlocks: number;
}

const ROWS_MAX = 25;
const BRANCHES = 4;

/**
 * Rows of prompts that begin alike in one of four ways. A prompt names its blocks by what they hold and
 * what is before them, as hashes of sequences do.
 */
export function drawnRows(draw: RowDraw): fc.Arbitrary<HandRow[]> {
  const { gapMsMax, inputMax, outputMax, blockSize, sharedBlocks } = draw;
  const row = fc.record({
    gapMs: fc.integer({ min: 0, max: gapMsMax }),
    input: fc.integer({ min: 1, max: inputMax }),
    output: fc.integer({ min: 1, max: outputMax }),
    branch: fc.integer({ min: 0, max: BRANCHES - 1 }),
  });
  const own = Math.ceil(inputMax / blockSize);
  return fc.array(row, { minLength: 1, maxLength: ROWS_MAX }).map((drawn) => {
    let atMs = 0;
    return drawn.map(({ gapMs, input, output, branch }, index): HandRow => {
      atMs += index === 0 ? 0 : gapMs;
      const ids = Array.from({ length: Math.ceil(input / blockSize) }, (_, block) =>
        block < sharedBlocks ? sharedBlocks * branch + block : 1000 + own * index + block,
      );
      return { atMs, input, output, ids };
    });
  });
}
