import { expect, test } from 'vitest';
import { findGpu } from '../hardware/find-gpu.ts';
import { ExpertLoad } from './expert-load.ts';
import { ExpertsTime } from './experts.ts';

test('evenly chosen experts lie in even shares on their groups', () => {
  const load = new ExpertLoad(64, 8, 1);
  expect(load.busiestShare).toBe(1 / 8);
  // 64·(1 − (63/64)^16) = 14.26 experts, an eighth of them on each group.
  expect(load.visited(16)).toBeCloseTo((64 * (1 - (63 / 64) ** 16)) / 8, 9);
});

test('where every expert is a group of its own, the busiest gets the imbalance', () => {
  // α = 1 makes eight exponential variables, whose largest expects 1 + 1/2 + … + 1/8 = 2.7179.
  const load = new ExpertLoad(8, 8, 761 / 280);
  expect(load.busiestShare * 8).toBeCloseTo(761 / 280, 5);
});

test('two groups of one exponential expert each: 3/4 of the visits on the busier one', () => {
  const load = new ExpertLoad(2, 2, 1.5);
  expect(load.busiestShare).toBeCloseTo(0.75, 5);
  // Beta(1, 1/0.75 − 1 = 1/3): V visits leave it out with B(1, 1/3 + V)/B(1, 1/3) = 1/(3V + 1).
  for (const visits of [1, 2, 7]) {
    expect(load.visited(visits)).toBeCloseTo(1 - 1 / (3 * visits + 1), 4);
  }
});

test('groups of many experts even out what single ones have too much', () => {
  const alone = new ExpertLoad(256, 256, 4).busiestShare * 256;
  const grouped = new ExpertLoad(256, 32, 4).busiestShare * 32;
  expect(alone).toBeCloseTo(4, 3);
  expect(grouped).toBeGreaterThan(1.3);
  expect(grouped).toBeLessThan(2);
  expect(new ExpertLoad(256, 1, 4).busiestShare).toBe(1);
});

test('an imbalance close to 1 is close to even', () => {
  const even = new ExpertLoad(64, 8, 1);
  const nearly = new ExpertLoad(64, 8, 1.01);
  expect(nearly.busiestShare / even.busiestShare).toBeCloseTo(1, 2);
  for (const visits of [1, 10, 1000]) {
    expect(nearly.visited(visits) / even.visited(visits)).toBeCloseTo(1, 2);
  }
});

test('everybody waits for the busiest group; on one group a small batch visits fewer experts', () => {
  const experts = { layers: 1, count: 64, perToken: 4, intermediate: 1024, sharedIntermediate: 0 };
  const timeOf = (expertParallel: number, imbalance: number) =>
    new ExpertsTime(findGpu('h200')!, 'bf16', experts, 2048, {
      tensorParallel: 1,
      expertParallel,
      imbalance,
    });
  const share = new ExpertLoad(64, 8, 3).busiestShare * 8;
  const start = 0.012;
  // Bound by operations, the time is in proportion to the share.
  const even = timeOf(8, 1).ms(65_536) - start;
  expect((timeOf(8, 3).ms(65_536) - start) / even).toBeCloseTo(share, 6);
  expect(timeOf(1, 3).ms(16)).toBeLessThan(timeOf(1, 1).ms(16));
});
