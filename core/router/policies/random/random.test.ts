import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { Fleet } from '../../fleet.ts';
import { RandomPolicy } from './random.ts';

test('every target is equally likely', () => {
  const fleet = new Fleet();
  for (const target of [1, 3, 5]) fleet.add(target);
  const policy = new RandomPolicy(fleet, openStream(42, 'random'));
  const counts = new Map([1, 3, 5].map((target) => [target, 0]));
  for (let draw = 0; draw < 3000; draw++) {
    const target = policy.choose();
    counts.set(target, counts.get(target)! + 1);
  }
  const chiSquare = [...counts.values()].reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
  // Two degrees of freedom, one in a thousand.
  expect(chiSquare).toBeLessThan(13.8);
});
