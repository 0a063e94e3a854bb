import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ReplicasConfig } from '#core/config/serve/replicas.ts';
import { sequenceHashes } from '#core/tokens/block-hash.ts';
import { startTimers } from '#live/clock.ts';
import { BreakableWay } from '#test/support/breakable-way.ts';
import { askOf, NEVER, openTestRouter, type TestRouter } from '#test/support/live-router.ts';
import { NatsServer } from '#test/support/nats-server.ts';
import { until } from '#test/support/until.ts';
import { decodeEnvelope } from '../events/dynamo/envelope.ts';
import { decodeReplicaEvents } from './replica-event.ts';
import { type Replicas, startReplicas } from './start-replicas.ts';
import { ZmqLink } from './zmq-link.ts';

const CONFIG = `
engines:
  - {name: a, url: "http://h:1", kv_events: "tcp://h:9"}
  - {name: b, url: "http://h:2", kv_events: "tcp://h:10"}
`;
const HASHES = [...sequenceHashes([1n, 2n, 3n])];
const SUBJECT = 'namespace.dynamo.component.backend.endpoint.generate.active_sequences_events';

interface Side extends Replicas {
  readonly opened: TestRouter;
  readonly notes: string[];
}

const folder = mkdtempSync(join(tmpdir(), 'windtunnel-replicas-'));
const sides: Side[] = [];
let server: NatsServer;

beforeAll(async () => {
  server = await NatsServer.start();
});

afterEach(async () => {
  await Promise.all(sides.splice(0).map((side) => side.close()));
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

async function joinAs(config: ReplicasConfig): Promise<Side> {
  const opened = openTestRouter(CONFIG);
  const notes: string[] = [];
  const replicas = await startReplicas({
    ...{ config, folder, router: opened.router, expirySecs: 300 },
    ...{ clock: opened.clock, timers: startTimers(), note: (text) => notes.push(text) },
  });
  const side = { ...replicas, opened, notes };
  sides.push(side);
  return side;
}

function requestsOf({ opened }: Side): number {
  const { activeRequests } = opened.router.pools[0]!.router.sequences;
  return activeRequests[0]! + activeRequests[1]!;
}

/** Sends requests from one side until every other side hears it: who subscribes late misses the first. */
async function meet(one: Side, others: readonly Side[]): Promise<void> {
  await until('all links are up', () =>
    [one, ...others].every((side) => side.status().links.every(({ up }) => up)),
  );
  await until('everybody has heard of a request', async () => {
    (await one.opened.router.route(askOf(HASHES), NEVER)).ended();
    return others.every((other) => other.status().peers.length > 0);
  });
  await until('everything that was told has ended', () =>
    others.every((other) => requestsOf(other) === 0 && other.status().active_requests === 0),
  );
}

async function agree(one: Side, others: readonly Side[]): Promise<void> {
  const placement = await one.opened.router.route(askOf(HASHES), NEVER);
  await until('the others have the request too', () =>
    others.every((other) => requestsOf(other) === 1),
  );
  for (const other of others) {
    expect(other.status().peers.map((peer) => peer.router_id)).toContain(one.status().router_id);
    expect(other.status()).toMatchObject({ unknown_worker: 0, active_requests: 1 });
    expect(other.opened.router.blocks.forest.nodes).toBe(3);
  }
  placement.firstToken();
  placement.ended();
  await until('it has ended everywhere', () => others.every((other) => requestsOf(other) === 0));
  expect(others.map(({ opened }) => opened.router.blocks.forest.nodes)).toEqual(
    others.map(() => 0),
  );
}

test('three routers that call each other over ZMQ have each other’s requests as load', async () => {
  const addresses = ['a', 'b', 'c'].map((name) => `ipc://${join(folder, name)}.sock`);
  for (const bind of addresses) {
    const peers = addresses.filter((address) => address !== bind);
    await joinAs({ transport: 'zmq', bind, peers });
  }
  for (const one of [...sides]) {
    const others = sides.filter((side) => side !== one);
    await meet(one, others);
    await agree(one, others);
  }
});

test('who comes late, or was cut off for a while, learns over ZMQ what still matters', async () => {
  const bind = 'tcp://127.0.0.1:*';
  const one = await joinAs({ transport: 'zmq', bind, peers: ['tcp://127.0.0.1:9'] });
  const way = await BreakableWay.open(Number(new URL(one.status().address).port));
  const [first, second] = [
    await one.opened.router.route(askOf(HASHES), NEVER),
    await one.opened.router.route(askOf(HASHES), NEVER),
  ];
  first.firstToken();
  const two = await joinAs({ transport: 'zmq', bind, peers: [`tcp://127.0.0.1:${way.port}`] });
  await until('the late one knows of both', () => requestsOf(two) === 2);
  await way.break();
  await until('it knows that it is cut off', () => !two.status().links[0]!.up);
  first.ended();
  await way.mend();
  await until('it knows of the end that it missed', () => requestsOf(two) === 1);
  second.ended();
  await until('and of the next one', () => requestsOf(two) === 0);
  await way.break();
});

test('over ZMQ it is told whose way broke', async () => {
  const cutOff: number[] = [];
  const shared = { nowMs: () => 0, onReady: () => {}, onNewcomer: () => {} };
  const bind = 'tcp://127.0.0.1:*';
  const none = { hear: () => {}, onCutOff: () => {} };
  const one = await ZmqLink.open({ ...shared, ...none, publisher: 1, bind, peers: [] });
  const way = await BreakableWay.open(Number(new URL(one.address).port));
  let heard = 0;
  const two = await ZmqLink.open({
    ...{ ...shared, publisher: 2, bind, peers: [`tcp://127.0.0.1:${way.port}`] },
    hear: () => heard++,
    onCutOff: (publisher) => cutOff.push(publisher),
  });
  await until('it is heard', async () => {
    await one.send([]);
    return heard > 0;
  });
  await way.break();
  await until('the way is known to be broken', () => cutOff.length > 0);
  expect(cutOff).toEqual([1]);
  await two.close();
  await one.close();
});

test('an address that is taken is refused by its key', async () => {
  const bind = `ipc://${join(folder, 'none', 'x.sock')}`;
  await expect(joinAs({ transport: 'zmq', bind, peers: ['tcp://127.0.0.1:1'] })).rejects.toThrow(
    'replicas.bind: no router can wait there',
  );
});

test('routers of one endpoint hear each other over a real NATS server, and others do not', async () => {
  const servers = [server.url];
  const one = await joinAs({ transport: 'nats', servers });
  const two = await joinAs({ transport: 'nats', servers });
  const stranger = await joinAs({ transport: 'nats', servers, endpoint: 'dynamo.other.generate' });
  expect(one.status().address).toBe(SUBJECT);
  const listener = await connect({ servers: server.url });
  const heard = new Map<string, string[]>();
  const subscription = listener.subscribe(SUBJECT, {
    callback: (_, { data }) => {
      for (const { id, data: said } of decodeReplicaEvents(decodeEnvelope(data).payload).events) {
        const word = typeof said === 'string' ? said : 'added';
        heard.set(id, [...(heard.get(id) ?? []), word]);
      }
    },
  });
  await listener.flush();
  await meet(one, [two]);
  await agree(one, [two]);
  await meet(two, [one]);
  await until('the listener has heard a whole request', () =>
    [...heard.values()].some((words) => words.length === 3),
  );
  expect([...new Set([...heard.values()].map((words) => words.join(' ')))].toSorted()).toEqual([
    'added freed',
    'added prefilled freed',
  ]);
  expect(stranger.status()).toMatchObject({ received: 0, peers: [] });
  expect(two.status().unreadable).toBe(0);
  subscription.unsubscribe();
  // Bytes that are no message cost nothing but themselves.
  for (const bytes of [Buffer.from('c1', 'hex'), Buffer.from('80', 'hex')]) {
    listener.publish(SUBJECT, bytes);
  }
  await until('they are counted', () => two.status().unreadable === 2);
  await agree(one, [two]);
  await listener.close();
});

test('what cannot be told in the end is counted, and no password is shown', async () => {
  const { url } = await absentServer();
  const one = await joinAs({ transport: 'nats', servers: [url.replace('//', '//me:secret@')] });
  const placement = await one.opened.router.route(askOf(HASHES), NEVER);
  await until('the first attempt has failed', () => one.notes.length > 0);
  expect(one.notes.join()).toMatch(/^NATS does not answer yet: /);
  const address = url.replace('//', '//[hidden]@');
  expect(one.status()).toMatchObject({ sent: 0, waiting: 1, links: [{ address, up: false }] });
  placement.ended();
  await one.close();
  expect(one.status()).toMatchObject({ sent: 0, dropped: 2, waiting: 0 });
});

test('a server that comes late, goes and comes again is waited for, and so are events', async () => {
  const { url, port } = await absentServer();
  const [one, two] = [
    await joinAs({ transport: 'nats', servers: [url] }),
    await joinAs({ transport: 'nats', servers: [url] }),
  ];
  (await one.opened.router.route(askOf(HASHES), NEVER)).ended();
  for (let life = 0; life < 2; life++) {
    const late = await NatsServer.start(port);
    await meet(one, [two]);
    expect(one.status()).toMatchObject({ waiting: 0, dropped: 0 });
    await agree(one, [two]);
    await late.stop();
    await until('it is away', () => [one, two].every((side) => !side.status().links[0]!.up));
  }
});

/** Where a server was, and could be again. */
async function absentServer(): Promise<{ readonly url: string; readonly port: number }> {
  const gone = await NatsServer.start();
  await gone.stop();
  return { url: gone.url, port: Number(new URL(gone.url).port) };
}

test('a credentials file that is not there is refused by its key', async () => {
  const servers = [server.url];
  const joined = joinAs({ transport: 'nats', servers, credentials_file: 'x.creds' });
  await expect(joined).rejects.toThrow('replicas.credentials_file: the file cannot be read');
});
