import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { BurstBatch } from './burst-batch.ts';
import { DraftDraw } from './draft-draw.ts';

function batchOf(...rates: number[]): BurstBatch {
  return new BurstBatch(4, new DraftDraw(rates, openStream(1, 'drafts')));
}

test('blocks for the longest burst are taken before the pass, and no more than the output needs', () => {
  const batch = batchOf(1, 1);
  // 5 tokens known, 4 of them in one block; the next pass computes the fifth and two drafts.
  batch.add(7, 5, 9, 1);
  expect([batch.blocksFor(7), batch.tokensPerPass]).toEqual([1, 3]);
  batch.tookAll();
  batch.advance(1);
  expect([batch.left(7), batch.contextTokens, batch.extraTokens]).toEqual([6, 8, 2]);
  // Tokens 8, 9 and 10 lie in blocks 2 and 3.
  expect(batch.blocksFor(7)).toBe(1);
  batch.took(7);
  expect([batch.blocksFor(7), batch.ownedBlocks(7)]).toEqual([0, 3]);
  // Of a request that lacks one token no draft can be of use.
  batch.add(8, 8, 1, 2);
  expect(batch.blocksFor(8)).toBe(0);
});

test('members end when their last token has come and leave in any order', () => {
  const batch = batchOf(0);
  batch.add(1, 3, 2, 1);
  batch.add(2, 6, 1, 2);
  batch.advance(1);
  expect([batch.firstEnded(), batch.extraTokens]).toEqual([2, 0]);
  batch.remove(2);
  expect([batch.firstEnded(), batch.size, batch.contextTokens]).toEqual([-1, 1, 4]);
  batch.advance(1);
  expect(batch.firstEnded()).toBe(1);
  expect(() => batch.left(2)).toThrow('does not decode');
});
