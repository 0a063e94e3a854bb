import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { Fleet } from '../../fleet.ts';
import { ActiveSequences } from '../../sequences/active-sequences.ts';
import { PowerOfTwoPolicy } from './power-of-two.ts';

const noForest = { parent: new Int32Array(), attach: new Int32Array(), length: new Int32Array() };
const noBlocks = { leaf: -1, leafBlocks: 0, privateBlocks: 0, prefillTokens: 0 };

function newPolicy(targets: number): [PowerOfTwoPolicy, ActiveSequences] {
  const fleet = new Fleet();
  for (let target = 0; target < targets; target++) fleet.add(target);
  const sequences = new ActiveSequences(noForest);
  return [new PowerOfTwoPolicy(fleet, sequences, openStream(42, 'power')), sequences];
}

test('of three targets the most loaded is never chosen, the least in two draws of three', () => {
  const [policy, sequences] = newPolicy(3);
  sequences.add(0, 1, noBlocks);
  sequences.add(1, 2, noBlocks);
  sequences.add(2, 2, noBlocks);
  const counts = [0, 0, 0];
  for (let draw = 0; draw < 3000; draw++) counts[policy.choose()]! += 1;
  expect(counts[2]).toBe(0);
  // Binomial with mean 2000 and standard deviation 26.
  expect(Math.abs(counts[0]! - 2000)).toBeLessThan(100);
});

test('one target needs no draw, and equal loads are chosen evenly', () => {
  expect(newPolicy(1)[0].choose()).toBe(0);
  const [policy] = newPolicy(2);
  let first = 0;
  for (let draw = 0; draw < 2000; draw++) first += policy.choose() === 0 ? 1 : 0;
  expect(Math.abs(first - 1000)).toBeLessThan(90);
});
