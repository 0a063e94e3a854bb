import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { EventQueue, Phase } from './event-queue.ts';

function drain(queue: EventQueue): number[][] {
  const order: number[][] = [];
  while (queue.size > 0) {
    queue.pop();
    order.push([queue.timeNs, queue.phase, queue.sequence, queue.subject, queue.version]);
  }
  return order;
}

test('events leave by time, then phase, then sequence, with what they are about', () => {
  const queue = new EventQueue();
  queue.push(20, Phase.passCompleted, 3, 30, 1);
  queue.push(10, Phase.admission, 2, 20, 0);
  queue.push(10, Phase.admission, 1, 21, 0);
  queue.push(10, Phase.passCompleted, 9, 22, 7);
  queue.push(10, Phase.scaling, 0, 23, 0);
  expect([queue.nextTimeNs, queue.nextPhase]).toEqual([10, Phase.passCompleted]);
  expect(drain(queue)).toEqual([
    [10, Phase.passCompleted, 9, 22, 7],
    [10, Phase.admission, 1, 21, 0],
    [10, Phase.admission, 2, 20, 0],
    [10, Phase.scaling, 0, 23, 0],
    [20, Phase.passCompleted, 3, 30, 1],
  ]);
});

test('an empty queue has no next moment, and nothing to pop', () => {
  const queue = new EventQueue();
  expect([queue.size, queue.nextTimeNs]).toEqual([0, Number.POSITIVE_INFINITY]);
  expect(() => queue.pop()).toThrow('empty');
});

test('the past is refused, the present is not', () => {
  const queue = new EventQueue();
  queue.push(10, Phase.admission, 0, 0, 0);
  queue.pop();
  queue.push(10, Phase.passCompleted, 0, 0, 0);
  expect(() => queue.push(9, Phase.admission, 0, 0, 0)).toThrow('past');
});

test('a thousand events in any order leave sorted, while others come in between', () => {
  const stream = openStream(11, 'test');
  const queue = new EventQueue();
  const left: number[][] = [];
  for (let event = 0; event < 1000; event++) {
    const atNs = queue.timeNs + stream.nextBelow(50);
    queue.push(atNs, stream.nextBelow(6), stream.nextBelow(9), event, 0);
    if (event % 3 !== 0) continue;
    queue.pop();
    left.push([queue.timeNs, queue.subject]);
  }
  for (const [timeNs, , , subject] of drain(queue)) left.push([timeNs!, subject!]);
  const times = left.map(([timeNs]) => timeNs!);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(new Set(left.map(([, subject]) => subject)).size).toBe(1000);
});
