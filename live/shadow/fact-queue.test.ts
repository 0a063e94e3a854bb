import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FactQueue } from './fact-queue.ts';
import type { SentFact, ShadowFact } from './shadow-facts.ts';

function sent(id: number): SentFact {
  return {
    kind: 'sent',
    ...{ id, engine: 'a', rank: 0, atNs: id, queuedNs: 0, inputTokens: 1, knownBlocks: 0 },
    ...{ hashes: new BigUint64Array(), outputHint: 0, mostOutputTokens: 0, task: 0 },
    ...{ priority: 0, strictPriority: 0, wantsForecast: true },
  };
}

test('facts of a turn go together, and in their order', async () => {
  const posted: (readonly ShadowFact[])[] = [];
  const queue = new FactQueue(16, (facts) => posted.push(facts));
  queue.offer(sent(0));
  queue.put({ kind: 'ended', id: 0, atNs: 1, generated: 1, isWhole: true });
  expect([posted.length, queue.waiting]).toEqual([0, 2]);
  await turn();
  expect(posted.map((facts) => facts.map(({ kind }) => kind))).toEqual([['sent', 'ended']]);
  queue.offer(sent(1));
  await turn();
  expect(posted).toHaveLength(2);
  queue.handled(3);
  expect(queue.waiting).toBe(0);
});

test('a thread that does not keep up is told of no more requests, and of every end', async () => {
  const posted: ShadowFact[] = [];
  const queue = new FactQueue(16, (facts) => posted.push(...facts));
  const taken = Array.from({ length: 20 }, (_, id) => queue.offer(sent(id)));
  expect(taken.filter(Boolean)).toHaveLength(16);
  expect([queue.dropped, queue.isBehind]).toEqual([4, true]);
  for (let id = 0; id < 16; id++) {
    queue.put({ kind: 'ended', id, atNs: 99, generated: 1, isWhole: true });
  }
  await turn();
  expect(posted).toHaveLength(32);
  queue.handled(32);
  expect([queue.offer(sent(20)), queue.dropped, queue.isBehind]).toEqual([true, 4, false]);
});
