import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { RequestTable } from '../../workload/request-table.ts';
import { SequenceTable } from '../rank/sequence-table.ts';
import { PausedFirst } from '../trtllm/paused-first.ts';
import { PriorityLine } from './priority-line.ts';
import { RequestOrder } from './request-order.ts';
import type { WaitingLine } from './waiting-line.ts';

/** Requests with these priorities, which join in the order of the list. */
function orderOf(priorities: readonly number[]): RequestOrder {
  const requests = new RequestTable();
  const sequences = new SequenceTable();
  for (const [index, priority] of priorities.entries()) {
    const row = requests.append(index + 1, 1, 1);
    requests.priority[row] = priority;
    sequences.open(row, 1);
  }
  return new RequestOrder(requests, sequences);
}

function drain(line: WaitingLine): number[] {
  const rows: number[] = [];
  while (line.size > 0) {
    const { first } = line;
    expect(line.popFront()).toBe(first);
    rows.push(first);
  }
  return rows;
}

test('higher first, then who joined first, and one that comes back takes its place', () => {
  const line = new PriorityLine(orderOf([0, 5, -2, 5, 0]));
  for (const row of [4, 2, 1, 3]) line.pushBack(row);
  line.pushFront(0);
  expect(drain(line)).toEqual([1, 3, 0, 4, 2]);
});

test('paused requests stand before all others, the last one paused in front, until they leave', () => {
  const line = new PausedFirst(new PriorityLine(orderOf([0, 5, -2, 5])));
  line.pushBack(0);
  line.pushBack(3);
  line.pushFront(2);
  line.pushFront(1);
  expect(line.size).toBe(4);
  line.remove(2);
  line.remove(0);
  expect(drain(line)).toEqual([1, 3]);
});

test('any line comes out sorted, without those that left it', () => {
  const anything = fc.array(fc.integer({ min: -2, max: 2 }));
  fc.assert(
    fc.property(anything, fc.integer({ min: 2, max: 5 }), (priorities, nth) => {
      const line = new PriorityLine(orderOf(priorities));
      const rows = priorities.map((_, row) => row);
      for (const row of rows.toReversed()) line.pushBack(row);
      const [leaving, staying] = [0, 1].map((rest) =>
        rows.filter((row) => (row % nth === 0) === (rest === 0)),
      );
      for (const row of leaving!) line.remove(row);
      expect(drain(line)).toEqual(
        staying!.toSorted((a, b) => priorities[b]! - priorities[a]! || a - b),
      );
    }),
  );
});
