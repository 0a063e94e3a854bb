import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { ActiveSequences } from '../../sequences/active-sequences.ts';
import { LeastLoadedPolicy } from './least-loaded.ts';

const noForest = { parent: new Int32Array(), attach: new Int32Array(), length: new Int32Array() };
const noBlocks = { leaf: -1, leafBlocks: 0, privateBlocks: 0, prefillTokens: 0 };

test('the fewest requests in flight; equals evenly; a removed target never', () => {
  const sequences = new ActiveSequences(noForest);
  const policy = new LeastLoadedPolicy(sequences, openStream(42, 'least'));
  for (let target = 0; target < 4; target++) policy.loadChanged(target);
  sequences.add(0, 1, noBlocks);
  policy.loadChanged(1);
  policy.targetRemoved(3);
  const counts = [0, 0, 0, 0];
  for (let draw = 0; draw < 2000; draw++) counts[policy.choose()]! += 1;
  expect([counts[1], counts[3]]).toEqual([0, 0]);
  expect(Math.abs(counts[0]! - 1000)).toBeLessThan(90);
  sequences.add(1, 0, noBlocks);
  policy.loadChanged(0);
  expect(policy.choose()).toBe(2);
});
