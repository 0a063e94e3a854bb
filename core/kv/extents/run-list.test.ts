import { expect, test } from 'vitest';
import { RunList } from './run-list.ts';

function oldestFirst(runs: RunList): number[][] {
  const listed: number[][] = [];
  for (let run = runs.oldest; run >= 0; run = runs.newer[run]!) {
    listed.push([runs.residency[run]!, runs.from[run]!, runs.to[run]!]);
  }
  return listed;
}

test('runs leave from the oldest end, and from anywhere', () => {
  const runs = new RunList();
  const [a, b, c] = [runs.append(1, 0, 3), runs.append(2, 1, 2), runs.append(1, 3, 5)];
  expect(oldestFirst(runs)).toEqual([
    [1, 0, 3],
    [2, 1, 2],
    [1, 3, 5],
  ]);
  runs.remove(b);
  expect(oldestFirst(runs)).toEqual([
    [1, 0, 3],
    [1, 3, 5],
  ]);
  runs.remove(a);
  runs.remove(c);
  expect([runs.oldest, runs.newest]).toEqual([-1, -1]);
});

test('a row that is used again knows nothing of its past', () => {
  const runs = new RunList();
  const old = runs.append(1, 0, 3);
  runs.duplicate[old] = 9;
  runs.deeper[old] = 7;
  runs.remove(old);
  const fresh = runs.append(4, 2, 6);
  expect(fresh).toBe(old);
  expect([runs.duplicate[fresh], runs.deeper[fresh], runs.shallower[fresh]]).toEqual([-1, -1, -1]);
});

test('more runs than the columns had rows', () => {
  const runs = new RunList();
  for (let run = 0; run < 40; run++) runs.append(run, run, run + 1);
  expect(oldestFirst(runs)).toHaveLength(40);
  expect(oldestFirst(runs)[39]).toEqual([39, 39, 40]);
});

test('by age a run goes before those of a greater age and behind its equals', () => {
  const runs = new RunList();
  runs.insert(1, 0, 1, 5);
  runs.insert(2, 0, 1, 9);
  runs.insert(3, 0, 1, 5);
  runs.insert(4, 0, 1, 2);
  expect(oldestFirst(runs).map(([residency]) => residency)).toEqual([4, 1, 3, 2]);
});
