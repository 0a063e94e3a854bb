import { expect, test } from 'vitest';
import { NS_PER_HOUR, NS_PER_S } from '#core/base/time.ts';
import { LATE_NS } from '#core/router/replicas/peer-requests.ts';
import { sequenceHashes } from '#core/tokens/block-hash.ts';
import { askOf, NEVER, openTestRouter } from '#test/support/live-router.ts';
import { OwnLegs } from './own-legs.ts';
import { PeerHearing } from './peer-hearing.ts';
import { encodeReplicaBatch, type ReplicaEvent } from './replica-event.ts';
import { WorkerIds } from './worker-ids.ts';

const CONFIG = `
engines:
  - {name: a, url: "http://h:1", kv_events: "tcp://h:9"}
  - {name: b, url: "http://h:2", kv_events: "tcp://h:10"}
`;

/** Two routers before the same engines, without anything between them. */
function openPair(config = CONFIG) {
  const [here, there] = [1n, 2n].map((ownId) => {
    const opened = openTestRouter(config);
    const { router, clock } = opened;
    const workers = new WorkerIds(router.roster);
    const told: ReplicaEvent[] = [];
    const legs = new OwnLegs({ ownId, workers, clock, push: (event) => told.push(event) });
    router.onLeg = legs.begun;
    const expiryNs = 300 * NS_PER_S;
    const hearing = new PeerHearing({ router, workers, ownId, expiryNs, clock, timers: clock });
    return { router, clock, workers, told, legs, hearing };
  }) as [Side, Side];
  return { here, there };
}

interface Side {
  readonly router: ReturnType<typeof openTestRouter>['router'];
  readonly clock: ReturnType<typeof openTestRouter>['clock'];
  readonly workers: WorkerIds;
  readonly told: ReplicaEvent[];
  readonly legs: OwnLegs;
  readonly hearing: PeerHearing;
}

function loadOf({ router }: Side, pool: number, target: number): readonly number[] {
  const { sequences } = router.pools[pool]!.router;
  return [
    sequences.activeRequests[target]!,
    sequences.activeBlocks[target]!,
    sequences.activePrefillTokens[target]!,
  ];
}

/** Tells one side everything that the other has to tell. */
function pass(from: Side, to: Side, sequence = 0): void {
  const payload = encodeReplicaBatch(from.told.splice(0));
  to.hearing.hear({ publisher: 9, sequence, payload });
}

const HASHES = [...sequenceHashes([1n, 2n, 3n])];

test('what one router books the other has as load, until it ends', async () => {
  const { here, there } = openPair();
  // 3 known blocks of 4 tokens, 2 more of which nobody knows the content, and a part of one.
  const ask = askOf(HASHES, { prompt: { inputTokens: 22, hashes: HASHES }, outputTokens: 7 });
  const placement = await here.router.route(ask, NEVER);
  const target = placement.engine.target;
  expect(loadOf(here, 0, target)).toEqual([1, 5, 22]);
  expect(here.told).toMatchObject([
    { id: '0000000000000001-0', rank: 0, router: 1n, data: { expectedOutputTokens: 7 } },
  ]);
  pass(here, there);
  expect(loadOf(there, 0, target)).toEqual([1, 5, 22]);
  // The next one goes to the engine that is idle, which only the message could tell.
  const next = await there.router.route(askOf([...sequenceHashes([8n])]), NEVER);
  expect(next.engine.target).toBe(1 - target);
  next.ended();
  placement.firstToken();
  pass(here, there, 1);
  expect(loadOf(there, 0, target)).toEqual([1, 5, 0]);
  placement.ended();
  placement.ended();
  expect(here.told).toHaveLength(1);
  pass(here, there, 2);
  expect(loadOf(there, 0, target)).toEqual([0, 0, 0]);
  expect(there.router.blocks.forest.nodes).toBe(0);
  expect(there.router.journeys.count).toBe(0);
});

test('each leg of a request is told in the pool that it runs in', async () => {
  const apart = CONFIG.replace('name: a,', 'name: a, role: prefill,').replace(
    'name: b,',
    'name: b, role: decode,',
  );
  const { here, there } = openPair(apart);
  const prefill = await here.router.route(askOf(HASHES), NEVER);
  const decode = await prefill.handOver(NEVER);
  expect(new Set(here.told.map(({ id }) => id)).size).toBe(2);
  pass(here, there);
  expect(loadOf(there, 0, prefill.engine.target)).toEqual(loadOf(here, 0, prefill.engine.target));
  expect(loadOf(there, 1, decode.engine.target)).toEqual(loadOf(here, 1, decode.engine.target));
  expect(loadOf(there, 1, decode.engine.target)[0]).toBe(1);
  prefill.ended();
  decode.ended();
  pass(here, there, 1);
  expect([loadOf(there, 0, 0), loadOf(there, 1, 1)]).toEqual([
    [0, 0, 0],
    [0, 0, 0],
  ]);
});

test('whoever has heard nothing for a while is told all that still matters', async () => {
  const { here, there } = openPair();
  const [short, long, next] = [
    await here.router.route(askOf(HASHES), NEVER),
    await here.router.route(askOf(HASHES), NEVER),
    await here.router.route(askOf(HASHES.slice(0, 1)), NEVER),
  ];
  // One end is heard of nothing but its beginning; of the others there is nothing.
  there.hearing.hear({
    publisher: 9,
    sequence: 0,
    payload: encodeReplicaBatch(here.told.splice(0, 1)),
  });
  short.ended();
  long.firstToken();
  here.told.length = 0;
  here.legs.tellAgain();
  expect(here.told.map(({ data }) => (typeof data === 'string' ? data : 'added'))).toEqual([
    'freed',
    'added',
    'prefilled',
    'added',
  ]);
  pass(here, there, 5);
  for (const target of [0, 1]) expect(loadOf(there, 0, target)).toEqual(loadOf(here, 0, target));
  long.ended();
  next.ended();
  here.clock.advance(LATE_NS);
  here.told.length = 0;
  here.legs.tellAgain();
  // What ended long ago nobody remembers.
  expect(here.told).toEqual([]);
});

test('the load of a router that is gone goes with it, and comes back where it comes back', async () => {
  const { here, there } = openPair();
  await here.router.route(askOf(HASHES), NEVER);
  pass(here, there);
  const all = () => loadOf(there, 0, 0)[0]! + loadOf(there, 0, 1)[0]!;
  // Who is heard again in time is not gone.
  there.hearing.cutOff(9);
  there.clock.advance(1e9);
  here.legs.tellAgain();
  pass(here, there, 1);
  there.clock.advance(10e9);
  expect(all()).toBe(1);
  there.hearing.cutOff(9);
  there.clock.advance(9e9);
  expect(all()).toBe(1);
  there.clock.advance(1e9);
  expect([all(), there.hearing.requests.active, there.hearing.requests.expired]).toEqual([0, 0, 1]);
  expect(there.router.blocks.forest.nodes).toBe(0);
  here.legs.tellAgain();
  pass(here, there, 2);
  expect(all()).toBe(1);
});

test('nobody hears himself, and engines that are not here are counted', async () => {
  const { here, there } = openPair();
  await here.router.route(askOf(HASHES), NEVER);
  const [added] = here.told;
  const load = loadOf(here, 0, 0);
  pass(here, here);
  expect([loadOf(here, 0, 0), here.hearing.received]).toEqual([load, 0]);
  there.told.push({ ...added!, worker: 77n }, { ...added!, rank: 1 }, added!);
  pass(there, there);
  expect(there.hearing.unknownWorker).toBe(2);
  expect(there.hearing.requests.active).toBe(1);
  expect(there.hearing.peers()).toEqual([
    {
      router_id: '0000000000000001',
      events: 3,
      missed_messages: 0,
      active_requests: 1,
      heard_s_ago: 0,
    },
  ]);
  // A router that is gone for good is not shown for ever.
  there.clock.advance(2 * NS_PER_HOUR);
  there.told.push({ ...added!, router: 5n, id: 'other' });
  there.hearing.hear({ publisher: 10, sequence: 0, payload: encodeReplicaBatch(there.told) });
  expect(there.hearing.peers().map(({ router_id }) => router_id)).toEqual(['0000000000000005']);
});

test('blocks in an order that cannot be are blocks of nobody else, and nothing is left of them', () => {
  const { there } = openPair();
  const event = (id: string, hashes: readonly bigint[]): ReplicaEvent => ({
    ...{ id, worker: there.workers.of({ name: 'a' }), rank: 0, router: 9n, loraName: undefined },
    data: {
      ...{ hashes, tracksPrefill: false, prefillTokens: 5 },
      ...{ expectedOutputTokens: undefined, expectedPrefillNs: undefined },
    },
  });
  const [a, b, c] = HASHES as [bigint, bigint, bigint];
  const odd = [
    [a, b, a],
    [a, a],
    [b, a],
    [c, b],
    [7n, a],
    [a, c],
  ];
  there.told.push(event('r', HASHES), ...odd.map((hashes, at) => event(`r${at}`, hashes)));
  const ids = there.told.map(({ id }) => id);
  pass(there, there);
  // a b c once; what does not follow counts for itself: a, a, b a, c b, a, c, and 7 is a first block.
  expect(loadOf(there, 0, 0)).toEqual([7, 3 + 1 + 1 + 2 + 2 + 2 + 1, 0]);
  there.told.push(...ids.map((id): ReplicaEvent => ({ ...event(id, []), data: 'freed' })));
  pass(there, there, 1);
  expect(loadOf(there, 0, 0)).toEqual([0, 0, 0]);
  expect(there.router.blocks.forest.nodes).toBe(0);
});
