import { expect, test } from 'vitest';
import { workerIdOf } from '../events/dynamo/worker-targets.ts';
import { EngineRoster } from '../routing/engine-roster.ts';
import { WorkerIds } from './worker-ids.ts';

const engine = (name: string, dpSize = 1) => ({
  ...{ name, dpSize, backend: 'vllm' as const, role: 'aggregated' as const },
  url: `http://${name}`,
});

test('an engine has the number that the config gives it, or one that follows from its name', () => {
  const ids = new WorkerIds(new EngineRoster());
  expect(ids.of({ name: 'a', workerId: '13572492197991648889' })).toBe(13572492197991648889n);
  expect(ids.of({ name: 'a' })).toBe(workerIdOf('a'));
  expect(ids.of({ name: 'a' })).not.toBe(ids.of({ name: 'b' }));
});

test('an engine that comes again with another number is called by that one', () => {
  const roster = new EngineRoster();
  const ids = new WorkerIds(roster);
  roster.join({ ...engine('a'), workerId: '7' });
  roster.join({ ...engine('b'), workerId: '8' });
  expect([ids.targetOf(7n, 0), ids.targetOf(8n, 0)]).toEqual([0, 1]);
  roster.leave('a');
  expect(ids.targetOf(7n, 0)).toBeUndefined();
  roster.join({ ...engine('a'), workerId: '9' });
  expect([ids.targetOf(7n, 0), ids.targetOf(9n, 0)]).toEqual([undefined, 0]);
});

test('a worker is found whatever order engines came in, and as long as it is there', () => {
  const rosters = [new EngineRoster(), new EngineRoster()] as const;
  for (const name of ['a', 'b']) rosters[0].join(engine(name, 2));
  for (const name of ['b', 'a']) rosters[1].join(engine(name, 2));
  const [one, other] = [new WorkerIds(rosters[0]), new WorkerIds(rosters[1])];
  expect(other.targetOf(one.of({ name: 'b' }), 1)).toBe(1);
  expect(one.targetOf(other.of({ name: 'b' }), 1)).toBe(3);
  expect(one.targetOf(one.of({ name: 'b' }), 2)).toBeUndefined();
  expect(one.targetOf(workerIdOf('c'), 0)).toBeUndefined();
  rosters[0].join(engine('c'));
  expect(one.targetOf(workerIdOf('c'), 0)).toBe(4);
  rosters[0].leave('b');
  expect(one.targetOf(one.of({ name: 'b' }), 0)).toBeUndefined();
});
