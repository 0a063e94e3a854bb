import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { DecodeBatch } from './decode-batch.ts';

test('a request takes a block when its computed tokens fill those it has', () => {
  const batch = new DecodeBatch(4);
  // The ninth token begins a third block; the seventh and the eighth lie in the second.
  batch.add(1, 9, 5);
  batch.add(2, 7, 3);
  expect([batch.blocksFor(1), batch.blocksFor(2)]).toEqual([1, 0]);
  expect([1, 2, 3, 4, 5].map((passes) => batch.blocksNeeded(passes))).toEqual([1, 1, 2, 2, 3]);
  batch.advance(2);
  expect([batch.blocksFor(1), batch.blocksFor(2)]).toEqual([0, 1]);
  expect([batch.contextTokens, batch.left(1), batch.left(2)]).toEqual([20, 3, 1]);
});

test('members end in the order of their last tokens', () => {
  const batch = new DecodeBatch(16);
  batch.add(1, 10, 4);
  batch.add(2, 10, 2);
  batch.add(3, 10, 4);
  expect([batch.passesToEnd, batch.firstEnded()]).toEqual([2, -1]);
  batch.advance(2);
  expect(batch.firstEnded()).toBe(2);
  batch.remove(2, 12);
  expect([batch.passesToEnd, batch.size, batch.contextTokens]).toEqual([2, 2, 24]);
  batch.remove(1, 12);
  batch.advance(2);
  expect(batch.firstEnded()).toBe(3);
});

test('how many passes a number of blocks is good for', () => {
  const batch = new DecodeBatch(4);
  batch.add(1, 9, 100);
  batch.add(2, 7, 100);
  expect([0, 1, 2, 3, 4, 5, 100].map((blocks) => batch.passesWithin(blocks, 50))).toEqual([
    0, 2, 4, 6, 8, 10, 50,
  ]);
  expect(batch.passesWithin(3, 5)).toBe(5);
});

/** What a member is, in a list. */
interface Member {
  readonly row: number;
  known: number;
  left: number;
}

/** Blocks that `passes` passes of a batch take, member by member, token by token. */
function naiveBlocks(members: readonly Member[], blockSize: number, passes: number): number {
  let blocks = 0;
  for (const { known } of members) {
    for (let pass = 0; pass < passes; pass++) if ((known - 1 + pass) % blockSize === 0) blocks++;
  }
  return blocks;
}

test.each([2, 3, 16])('blocks of %i: a random walk equals a list of members', (blockSize) => {
  const stream = openStream(blockSize, 'decode batch');
  const batch = new DecodeBatch(blockSize);
  let members: Member[] = [];
  for (let step = 0; step < 600; step++) {
    if (members.length < 12 && stream.nextBelow(3) > 0) {
      const member = { row: step, known: 1 + stream.nextBelow(50), left: 1 + stream.nextBelow(30) };
      batch.add(member.row, member.known, member.left);
      members.push(member);
    } else if (members.length > 0 && stream.nextBelow(3) === 0) {
      const [gone] = members.splice(stream.nextBelow(members.length), 1);
      expect(batch.left(gone!.row)).toBe(gone!.left);
      batch.remove(gone!.row, gone!.known);
    }
    if (members.length === 0) continue;
    expect(batch.passesToEnd).toBe(Math.min(...members.map(({ left }) => left)));
    const passes = 1 + stream.nextBelow(batch.passesToEnd);
    const blocks = naiveBlocks(members, blockSize, passes);
    expect(batch.blocksNeeded(passes)).toBe(blocks);
    for (const { row, known } of members) {
      expect(batch.blocksFor(row)).toBe((known - 1) % blockSize === 0 ? 1 : 0);
    }
    const reach = batch.passesWithin(blocks, 200);
    expect(naiveBlocks(members, blockSize, reach)).toBeLessThanOrEqual(blocks);
    if (reach < 200) {
      expect(naiveBlocks(members, blockSize, reach + 1)).toBeGreaterThan(blocks);
    }
    batch.advance(passes);
    for (const member of members) {
      member.known += passes;
      member.left -= passes;
    }
    for (let row = batch.firstEnded(); row >= 0; row = batch.firstEnded()) {
      const ended = members.find((member) => member.row === row)!;
      expect(ended.left).toBe(0);
      batch.remove(row, ended.known);
      members = members.filter((member) => member !== ended);
    }
    expect(members.every(({ left }) => left > 0)).toBe(true);
    const context = members.reduce((sum, { known }) => sum + known, 0);
    expect([batch.size, batch.contextTokens]).toEqual([members.length, context]);
  }
});
