import { expect, test } from 'vitest';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import { ActiveSequences } from './active-sequences.ts';

/** A prompt of 10 blocks, and one that shares its first 6 and goes on with 4 of its own. */
const forest: BlockForest = {
  parent: Int32Array.of(-1, 0),
  attach: Int32Array.of(0, 6),
  length: Int32Array.of(10, 4),
};
const long = { leaf: 0, leafBlocks: 10, privateBlocks: 0, prefillTokens: 640 };
const branch = { leaf: 1, leafBlocks: 4, privateBlocks: 1, prefillTokens: 100 };

function loads(sequences: ActiveSequences, target: number): number[] {
  const { activeBlocks, activePrefillTokens, activeRequests } = sequences;
  return [activeBlocks[target]!, activePrefillTokens[target]!, activeRequests[target]!];
}

test('shared blocks count once a target, private ones always', () => {
  const sequences = new ActiveSequences(forest);
  sequences.add(0, 3, long);
  expect(loads(sequences, 3)).toEqual([10, 640, 1]);
  sequences.add(1, 3, branch);
  expect(loads(sequences, 3)).toEqual([15, 740, 2]);
  sequences.add(2, 4, branch);
  expect(loads(sequences, 4)).toEqual([11, 100, 1]);
  // The long prompt goes: of its 10 blocks the branch still uses 6.
  sequences.free(0);
  expect(loads(sequences, 3)).toEqual([11, 100, 1]);
  sequences.free(1);
  expect(loads(sequences, 3)).toEqual([0, 0, 0]);
  expect(sequences.usesNode(1)).toBe(true);
});

test('completing and freeing may be repeated, and freeing implies completing', () => {
  const sequences = new ActiveSequences(forest);
  sequences.add(5, 0, long);
  sequences.prefillCompleted(5);
  sequences.prefillCompleted(5);
  expect(loads(sequences, 0)).toEqual([10, 0, 1]);
  sequences.free(5);
  sequences.free(5);
  sequences.free(999);
  sequences.prefillCompleted(999);
  expect(loads(sequences, 0)).toEqual([0, 0, 0]);
  sequences.add(5, 1, long);
  expect(() => sequences.add(5, 0, long)).toThrow(/request 5 is active already/);
  expect(loads(sequences, 0)).toEqual([0, 0, 0]);
});

test('a removed target drops its requests', () => {
  const sequences = new ActiveSequences(forest);
  sequences.add(0, 2, long);
  sequences.add(1, 2, branch);
  sequences.add(2, 0, branch);
  sequences.removeTarget(2);
  sequences.removeTarget(77);
  expect([loads(sequences, 2), sequences.targetOf(1)]).toEqual([[0, 0, 0], -1]);
  expect(loads(sequences, 0)).toEqual([11, 100, 1]);
});
