import { expect, test } from 'vitest';
import { ManualClock } from '#test/support/manual-clock.ts';
import { Outbox } from './outbox.ts';
import type { ReplicaEvent } from './replica-event.ts';
import type { ReplicaLink } from './replica-link.ts';
import { SequenceWatch } from './sequence-watch.ts';

const EVENT: ReplicaEvent = {
  ...{ id: 'r', worker: 1n, rank: 0, router: 2n, loraName: undefined },
  data: 'freed',
};
const turn = () => new Promise<void>((done) => setImmediate(done));

/** A link that notes how large its messages were. */
class NotingLink implements ReplicaLink {
  readonly address = 'here';
  readonly batch = 256;
  readonly unreadable = 0;
  readonly links = [];
  isReady = true;
  fails = false;
  readonly sizes: number[] = [];

  async send(events: readonly ReplicaEvent[]): Promise<void> {
    if (this.fails) throw new Error('too large');
    this.sizes.push(events.length);
  }

  async close(): Promise<void> {}
}

test('events gather for a millisecond, or until a message is full', async () => {
  const clock = new ManualClock();
  const link = new NotingLink();
  const outbox = new Outbox(link, clock);
  for (let at = 0; at < 3; at++) outbox.push(EVENT);
  await turn();
  expect(link.sizes).toEqual([]);
  clock.advance(1e6);
  await turn();
  expect(link.sizes).toEqual([3]);
  for (let at = 0; at < 300; at++) outbox.push(EVENT);
  await turn();
  expect(link.sizes).toEqual([3, 256, 44]);
  expect([outbox.sent, outbox.dropped]).toEqual([303, 0]);
});

test('an event that comes while the last message leaves is not left behind', async () => {
  const link = new NotingLink();
  const outbox = new Outbox(link, new ManualClock());
  for (let at = 0; at < 256; at++) outbox.push(EVENT);
  for (let tick = 0; tick < 8; tick++) {
    await Promise.resolve();
    outbox.wake();
    outbox.push(EVENT);
    outbox.wake();
  }
  await turn();
  expect([outbox.waiting, outbox.sent]).toEqual([0, 264]);
});

test('while the link is away events wait, the newest without room are dropped, and all leave then', async () => {
  const clock = new ManualClock();
  const link = new NotingLink();
  link.isReady = false;
  const outbox = new Outbox(link, clock);
  for (let at = 0; at < 100_002; at++) outbox.push(EVENT);
  await turn();
  expect([outbox.waiting, outbox.dropped, outbox.sent]).toEqual([100_000, 2, 0]);
  link.isReady = true;
  outbox.wake();
  await outbox.close();
  expect([outbox.waiting, outbox.dropped, outbox.sent]).toEqual([0, 2, 100_000]);
});

test('what cannot be sent is counted as dropped, also at the end', async () => {
  const link = new NotingLink();
  link.fails = true;
  const outbox = new Outbox(link, new ManualClock());
  outbox.push(EVENT);
  await outbox.close();
  expect([outbox.sent, outbox.dropped]).toEqual([0, 1]);
  link.isReady = false;
  outbox.push(EVENT);
  await outbox.close();
  expect([outbox.waiting, outbox.dropped]).toEqual([0, 2]);
});

test('a message is missing until it comes, and comes again after that', () => {
  const watch = new SequenceWatch(5);
  for (const sequence of [5, 8, 9, 6]) watch.take(sequence);
  expect([watch.missing, watch.repeated]).toEqual([1, 0]);
  for (const sequence of [6, 9, 7]) watch.take(sequence);
  expect([watch.missing, watch.repeated]).toEqual([0, 2]);
  watch.take(1_000_000);
  expect(watch.missing).toBe(999_990);
});
