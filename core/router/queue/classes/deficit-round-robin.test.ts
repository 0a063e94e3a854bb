import { expect, test } from 'vitest';
import { newRouteQuery } from '../../query.ts';
import { type LaneGate, PendingQueue } from '../pending-queue.ts';

const NEVER_BUSY: LaneGate = { leastPrefillTokens: () => 0 };

/** A queue with a class for each quantum, in which requests of the given costs wait. */
function queueOf(
  quanta: readonly number[],
  costs: readonly (readonly number[])[],
  { gate = NEVER_BUSY, bursts = true } = {},
) {
  const classes = quanta.map((quantum, number) => {
    return { name: `c${number}`, queuePolicy: 'fcfs' as const, quantum };
  });
  const queue = new PendingQueue(
    classes,
    quanta.map(() => 10),
    gate,
    bursts,
  );
  const query = newRouteQuery();
  let request = 0;
  for (const [policyClass, list] of costs.entries()) {
    for (const inputTokens of list) {
      Object.assign(query, { request: request++, inputTokens });
      queue.push(query, policyClass, 0, 0, new Int32Array());
    }
  }
  return queue;
}

/** Prompt lengths of the next requests that leave. */
function leave(queue: PendingQueue, count: number): number[] {
  const query = newRouteQuery();
  const lengths: number[] = [];
  while (lengths.length < count && queue.pop(query) !== undefined) lengths.push(query.inputTokens);
  return lengths;
}

const filled = (count: number, tokens: number): number[] => new Array<number>(count).fill(tokens);

const SHARES = [
  { quanta: [512, 128], first: [254, 257] },
  { quanta: [512, 512], first: [159, 161] },
  { quanta: [128, 512], first: [63, 66] },
];

test.each(SHARES.flatMap((share) => [true, false].map((bursts) => ({ ...share, bursts }))))(
  'the first 320 of 640 equal requests share as published: quanta $quanta, bursts $bursts',
  ({ quanta, first, bursts }) => {
    // One token apart, so that the classes can be told from each other.
    const queue = queueOf(quanta, [filled(320, 512), filled(320, 511)], { bursts });
    const ofFirst = leave(queue, 320).filter((tokens) => tokens === 512).length;
    expect(ofFirst).toBeGreaterThanOrEqual(first[0]!);
    expect(ofFirst).toBeLessThanOrEqual(first[1]!);
  },
);

test.each([1, 3, 7, 1000])('quanta of 1 and 3 share 1 : 3 exactly, scaled by %d', (scale) => {
  const queue = queueOf([scale, 3 * scale], [filled(40, 7), filled(120, 7)]);
  // A round of the ring is as many requests as its quanta pay for.
  const round = 4 * Math.max(1, Math.floor(scale / 7));
  for (let served = round; served <= 140; served += round) {
    leave(queue, round);
    const first = 40 - (queue.usageOf(0)?.requests ?? 0);
    const second = 120 - (queue.usageOf(1)?.requests ?? 0);
    if (scale <= 7) expect([first, second]).toEqual([served / 4, (3 * served) / 4]);
    else expect(first + second).toBe(served);
  }
});

const COSTS = [
  [300, 301, 302, 303, 304, 305],
  [400, 401, 402, 403, 404, 405],
];

test('a class spends what it has earned before the next one is visited', () => {
  const order = [300, 301, 302, 400, 303, 304, 305, 401, 402, 403, 404, 405];
  expect(leave(queueOf([1000, 400], COSTS), 12)).toEqual(order);
  // The published example: a quantum of 10 pays for three requests of 3.
  expect(leave(queueOf([10, 10], [filled(4, 3), [9]]), 5)).toEqual([3, 3, 3, 9, 3]);
});

test('without bursts the ring moves on after each request, as recorded from Dynamo 1.6.1', () => {
  const recorded = [300, 400, 301, 302, 401, 303, 402, 304, 403, 305, 404, 405];
  expect(leave(queueOf([1000, 400], COSTS, { bursts: false }), 12)).toEqual(recorded);
});

test('requests that cost many quanta: all get the rounds that the nearest of them needs', () => {
  const queue = queueOf(
    [1000, 2000],
    [
      [7000, 500],
      [9000, 501],
    ],
  );
  // After its own visit class 0 has 1,000 and lacks 6 rounds, class 1 has 2,000 and lacks 4.
  expect(leave(queue, 1)).toEqual([9000]);
  expect([queue.deficitOf(0), queue.deficitOf(1)]).toEqual([5000, 1000]);
  // Recorded from Dynamo 1.6.1.
  expect(leave(queue, 3)).toEqual([501, 7000, 500]);
});

test('a blocked class keeps what it has and earns nothing', () => {
  let blocked = true;
  const gate: LaneGate = {
    leastPrefillTokens: (pinnedTarget) => (pinnedTarget < 0 ? 0 : blocked ? 11 : 10),
  };
  const queue = queueOf([5, 5], [[], [4, 4, 4, 4, 4, 4]], { gate });
  const query = newRouteQuery();
  Object.assign(query, { request: 99, inputTokens: 7, pinnedTarget: 1 });
  queue.push(query, 0, 0, 0, new Int32Array());
  expect(leave(queue, 3)).toEqual([4, 4, 4]);
  expect(queue.deficitOf(0)).toBe(0);
  blocked = false;
  // Its first 5 are too few for the pinned request; the next round's 5 are enough.
  expect(leave(queue, 3)).toEqual([4, 4, 7]);
});

test('a class that is empty owns nothing', () => {
  const queue = queueOf([100, 1], [[30], [5, 5]]);
  leave(queue, 1);
  expect(queue.deficitOf(0)).toBe(0);
  expect(leave(queue, 5)).toEqual([5, 5]);
  expect(queue.deficitOf(1)).toBe(0);
  expect(queue.count).toBe(0);
});
