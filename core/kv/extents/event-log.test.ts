import { expect, test } from 'vitest';
import { ExtentEvent, ExtentEventLog } from './event-log.ts';

const { stored, removed } = ExtentEvent;

function entries(log: ExtentEventLog): number[][] {
  return Array.from({ length: log.count }, (_, entry) => [
    log.kind[entry]!,
    log.node[entry]!,
    log.blocks[entry]!,
  ]);
}

test('neighbours of one kind and node become one, others keep their order', () => {
  const log = new ExtentEventLog();
  log.push(stored, 3, 2);
  log.push(stored, 3, 5);
  log.push(removed, 3, 4);
  log.push(removed, 3, 1);
  log.push(stored, 4, 1);
  log.push(removed, 3, 0);
  expect(entries(log)).toEqual([
    [stored, 3, 5],
    [removed, 3, 1],
    [stored, 4, 1],
    [removed, 3, 0],
  ]);
});

test('an emptied log joins nothing to what it held before', () => {
  const log = new ExtentEventLog();
  for (let node = 0; node < 50; node++) log.push(stored, node, 1);
  expect(log.count).toBe(50);
  log.clear();
  log.push(stored, 49, 2);
  expect(entries(log)).toEqual([[stored, 49, 2]]);
});
