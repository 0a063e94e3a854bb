import { connect } from '@nats-io/transport-node';
import { expect, test } from 'vitest';
import { startTimers } from '#live/clock.ts';
import { ownFaults } from '#live/faults.ts';
import { NatsServer } from '#test/support/nats-server.ts';
import { until } from '#test/support/until.ts';
import { NatsLink, subjectOf } from './nats-link.ts';
import type { ReplicaEvent } from './replica-event.ts';
import type { LinkOptions } from './replica-link.ts';
import { ZmqLink } from './zmq-link.ts';

const EVENT: ReplicaEvent = {
  ...{ id: 'r', worker: 1n, rank: 0, router: 2n, loraName: undefined },
  data: 'freed',
};
const ENDPOINT = 'dynamo.backend.generate';

/** What a link is told; whoever hears a message has a fault. */
function shared(publisher: number): LinkOptions {
  return {
    ...{ publisher, nowMs: Date.now, onReady: () => {}, onNewcomer: () => {} },
    onCutOff: () => undefined,
    hear: () => {
      throw new TypeError('a fault of a test');
    },
  };
}

test('a fault of ours in what another router says over ZMQ is no damaged message', async (context) => {
  const bind = 'tcp://127.0.0.1:*';
  const near = await ZmqLink.open({ ...shared(1), bind, peers: [] });
  const far = await ZmqLink.open({ ...shared(2), bind, peers: [near.address] });
  context.onTestFinished(() => Promise.all([near.close(), far.close()]).then(() => undefined));
  const before = ownFaults.count;
  await until('a message has come', async () => {
    await near.send([EVENT]);
    return ownFaults.count > before || far.unreadable > 0;
  });
  expect(far.unreadable).toBe(0);
});

test('the same over NATS, and a damaged message is no fault of ours', async (context) => {
  const server = await NatsServer.start();
  context.onTestFinished(() => server.stop());
  const place = { servers: [server.url], endpoint: ENDPOINT, timers: startTimers() };
  const link = new NatsLink({ ...shared(1), ...place, note: () => {} });
  context.onTestFinished(() => link.close());
  const other = await connect({ servers: server.url });
  context.onTestFinished(() => other.close());
  const sender = new NatsLink({ ...shared(2), ...place, note: () => {} });
  context.onTestFinished(() => sender.close());
  await until('both are there', () => link.isReady && sender.isReady);
  const before = ownFaults.count;
  await sender.send([EVENT]);
  await until('a message has come', () => ownFaults.count + link.unreadable > before);
  expect([ownFaults.count - before, link.unreadable]).toEqual([1, 0]);
  other.publish(subjectOf(ENDPOINT), Uint8Array.of(0xc1));
  await until('a damaged one has come', () => link.unreadable > 0);
  expect(ownFaults.count - before).toBe(1);
});
