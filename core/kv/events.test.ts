import { expect, test } from 'vitest';
import { KvEventLog } from './events.ts';

test('a run of blocks shares one stored event; a break starts another', () => {
  const log = new KvEventLog();
  log.stored(1, -1);
  log.stored(2, 1);
  log.stored(3, 1);
  log.stored(7, -1);
  expect(log.size).toBe(3);
  expect(log.drain()).toEqual([
    { kind: 'stored', parent: -1, hashes: [1, 2] },
    { kind: 'stored', parent: 1, hashes: [3] },
    { kind: 'stored', parent: -1, hashes: [7] },
  ]);
  expect(log.size).toBe(0);
});

test('removals in a row share one event, and order is kept over a change of kind', () => {
  const log = new KvEventLog();
  log.removed(4);
  log.removed(5);
  log.stored(6, 5);
  log.removed(6);
  log.cleared();
  expect(log.drain()).toEqual([
    { kind: 'removed', hashes: [4, 5] },
    { kind: 'stored', parent: 5, hashes: [6] },
    { kind: 'removed', hashes: [6] },
    { kind: 'cleared' },
  ]);
});

test('a drained log does not continue old runs', () => {
  const log = new KvEventLog();
  log.stored(1, -1);
  log.drain();
  log.stored(2, 1);
  expect(log.drain()).toEqual([{ kind: 'stored', parent: 1, hashes: [2] }]);
});
