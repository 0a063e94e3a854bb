import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { ownFaults } from '#live/faults.ts';
import { IndexFacts } from '#test/support/index-facts.ts';
import { until } from '#test/support/until.ts';
import type { Envelope } from './envelope.ts';
import { PlaneIndex } from './plane-index.ts';
import { PlaneTeller, type PlaneTellerOptions } from './plane-teller.ts';
import { decodeRouterEvents } from './router-event.ts';

const WORKER = 7n;

function openTeller(send: PlaneTellerOptions['send']): PlaneTeller {
  const teller = new PlaneTeller({
    ...{ publisher: 1, topic: 'kv-events', repeatMs: 0, facts: new IndexFacts(), send },
    workerOf: () => ({ worker: WORKER, rank: 0 }),
    nowMs: () => 0,
  });
  onTestFinished(() => teller.close());
  return teller;
}

/** The index of somebody who hears all that is sent. */
function openListener() {
  const facts = new IndexFacts();
  const index = new PlaneIndex(facts, (worker) => (worker === WORKER ? 0 : undefined));
  const hear = (messages: readonly Envelope[]): number => {
    for (const { publisher, payload } of messages) {
      index.take(() => ({ publisher, events: decodeRouterEvents(payload) }));
    }
    return messages.length;
  };
  return { index, hear, blocks: () => facts.index.blocksOf(0) };
}

test('while a message does not get through a bounded number waits, and all is told after that', async () => {
  const { index, hear, blocks } = openListener();
  let letThrough: (() => void) | undefined;
  const sizes: number[] = [];
  const teller = openTeller(async (messages) => {
    sizes.push(messages.length);
    if (sizes.length === 1) await new Promise<void>((done) => (letThrough = done));
    return hear(messages);
  });
  const { facts } = teller;
  const node = facts.plant(-1, 1n);
  facts.stored(0, node);
  await until('the first message is on its way', () => letThrough !== undefined);
  // Stored and removed again and again, as a busy engine does, and one more block in the end.
  for (let turn = 0; turn < 100_000; turn++) {
    facts.removed(0, node);
    facts.stored(0, node);
  }
  facts.stored(0, facts.plant(node, 2n));
  letThrough?.();
  await until('the listener knows both blocks', () => blocks() === 2);
  // One message has all that is held: 200,001 events would be more than a thousand.
  expect(sizes).toEqual([1, 1]);
  expect([teller.sent, teller.dropped, index.stateOf(0)]).toEqual([2, 0, 'unverified']);
});

test('a repetition while a message does not get through is told once, when it has', async () => {
  const { hear, blocks } = openListener();
  let letThrough: (() => void) | undefined;
  let sent = 0;
  const teller = openTeller(async (messages) => {
    sent++;
    if (sent === 1) await new Promise<void>((done) => (letThrough = done));
    return hear(messages);
  });
  teller.facts.stored(0, teller.facts.plant(-1, 1n));
  await until('the first message is on its way', () => letThrough !== undefined);
  for (let turn = 0; turn < 1_000; turn++) teller.repeat();
  letThrough?.();
  await until('it is through, and so is one repetition', () => sent === 2);
  await setImmediate();
  expect([sent, teller.sent, blocks()]).toEqual([2, 2, 1]);
});

test('a fault while telling is told and counted, and the next message goes out', async () => {
  const { hear, blocks } = openListener();
  const before = ownFaults.count;
  const teller = openTeller((messages) => {
    if (ownFaults.count === before) throw new TypeError('a fault of a test');
    return hear(messages);
  });
  teller.facts.stored(0, teller.facts.plant(-1, 1n));
  await until('the fault is counted', () => ownFaults.count === before + 1);
  expect(ownFaults.last).toContain('telling others of KV blocks: TypeError: a fault of a test');
  teller.repeat();
  await until('the listener knows the block', () => blocks() === 1);
  expect([teller.sent, teller.dropped]).toEqual([1, 1]);
});
