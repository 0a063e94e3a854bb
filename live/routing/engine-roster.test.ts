import { expect, test } from 'vitest';
import { EngineRoster, type JoiningEngine } from './engine-roster.ts';

const engine = (name: string, dpSize = 1): JoiningEngine => ({
  ...{ name, dpSize, backend: 'vllm', url: `http://${name}:1`, role: 'aggregated' },
});

const numbersOf = ({ worker, target }: { worker: number; target: number }) => [worker, target];

test('an engine that comes back has its number and targets again, and others none of them', () => {
  const roster = new EngineRoster();
  expect([roster.join(engine('a', 2)), roster.join(engine('b'))].map(numbersOf)).toEqual([
    [0, 0],
    [1, 2],
  ]);
  expect(numbersOf(roster.leave('a')!)).toEqual([0, 0]);
  expect(numbersOf(roster.join(engine('c')))).toEqual([2, 3]);
  expect(numbersOf(roster.join(engine('a', 2)))).toEqual([0, 0]);
  expect(roster.engines.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
});

test('engines that leave and never come back take no more numbers and targets than may be away', () => {
  const roster = new EngineRoster(3);
  roster.join(engine('stays'));
  for (let pod = 0; pod < 1000; pod++) {
    const { worker, target } = roster.join(engine(`pod-${pod}`, 1 + (pod % 2)));
    expect(worker).toBeLessThan(1 + 3 + 1 + 1);
    expect(target).toBeLessThan(1 + 2 * (3 + 1 + 1));
    expect(roster.presentOf(target)!.name).toBe(`pod-${pod}`);
    roster.leave(`pod-${pod}`);
  }
  expect(roster.find('stays')).toMatchObject({ worker: 0, target: 0 });
  expect(roster.leave('pod-1')).toBeUndefined();
});

test('targets that an engine had before it got other ranks go to others, and its number stays', () => {
  const roster = new EngineRoster(1);
  roster.join(engine('a', 2));
  roster.leave('a');
  expect(numbersOf(roster.join(engine('a', 4)))).toEqual([0, 2]);
  roster.join(engine('b'));
  roster.leave('b');
  expect(numbersOf(roster.join(engine('c', 2)))).toEqual([2, 0]);
  expect(roster.find('0')?.name).toBe('a');
});
