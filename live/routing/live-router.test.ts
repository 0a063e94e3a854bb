import { expect, test, vi } from 'vitest';
import { JournalVerifier } from '#core/journal/verifier.ts';
import { askOf, NEVER, openTestRouter, type TestRouter } from '#test/support/live-router.ts';
import { RouteRefused } from './route-ask.ts';
import { statusOf } from './serve-status.ts';

const TWO = `engines:
  - {name: a, url: "http://h:1", kv_events: "tcp://h:3"}
  - {name: b, url: "http://h:2"}
`;

function verify(opened: TestRouter, pool: string): ReturnType<JournalVerifier['finish']> {
  opened.finish();
  const verifier = new JournalVerifier('journal');
  verifier.push(opened.journalOf(pool));
  return verifier.finish();
}

async function refusalOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof RouteRefused) return `${error.outcome} ${error.httpStatus}`;
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
  return 'routed';
}

test('a prompt goes where its blocks are, and its load is gone when it has ended', async () => {
  const opened = openTestRouter(TWO);
  const { router } = opened;
  const first = await router.route(askOf([1n, 2n, 3n], { pin: { worker: 'b' } }), NEVER);
  expect([first.engine.name, first.rank, first.overlapBlocks, first.leg]).toEqual([
    'b',
    0,
    0,
    'whole',
  ]);
  first.firstToken();
  // What the engine says that it holds.
  const held: number[] = [];
  for (const hash of [1n, 2n, 3n]) {
    const node = router.blocks.forest.find(hash);
    router.blocks.forest.retain(node);
    held.push(node);
    router.blocks.stored(first.engine.target, node);
  }
  const again = await router.route(askOf([1n, 2n, 3n, 4n]), NEVER);
  expect([again.engine.name, again.overlapBlocks]).toEqual(['b', 3]);
  expect(statusOf(router, 5e9)).toMatchObject({
    uptime_s: 5,
    books: { requests: 2, queued: 0, forest_nodes: 4 },
    routed: 2,
    hit_rate: 3 / 7,
    engines: [{ name: 'a' }, { name: 'b', ranks: [{ active_requests: 2, cached_blocks: 3 }] }],
  });
  again.ended();
  first.progress(7);
  first.ended();
  first.ended();
  first.firstToken();
  for (const node of held) {
    router.blocks.removed(first.engine.target, node);
    router.blocks.release(node);
  }
  expect(statusOf(router, 0)).toMatchObject({
    books: { requests: 0, queued: 0, forest_nodes: 0 },
    engines: [
      { ranks: [{ active_requests: 0 }] },
      { ranks: [{ active_requests: 0, prefill_tokens: 0, active_blocks: 0, cached_blocks: 0 }] },
    ],
  });
  expect(verify(opened, 'workers')).toMatchObject({ whole: true, difference: undefined });
});

test('pins name engines and ranks, and are never sent elsewhere', async () => {
  const { router } = openTestRouter(
    'engines: [{name: a, url: "http://h:1"}, {name: b, url: "http://h:2", data_parallel_size: 2}]',
  );
  const pinned = (worker: string | number | bigint, rank?: number) =>
    router.route(askOf([1n], { pin: { worker, ...(rank !== undefined && { rank }) } }), NEVER);
  const { engine, rank } = await pinned('b', 1);
  expect([engine.name, rank]).toEqual(['b', 1]);
  expect((await pinned(0)).engine.name).toBe('a');
  expect((await pinned('1', 0)).engine.name).toBe('b');
  expect(await refusalOf(pinned('b'))).toBe('pin_needs_rank 400');
  expect(await refusalOf(pinned('b', 2))).toBe('pin_needs_rank 400');
  expect(await refusalOf(pinned('c'))).toBe('pinned_worker_not_allowed 503');
  expect(await refusalOf(pinned(18_446_744_073_709_551_615n))).toBe(
    'pinned_worker_not_allowed 503',
  );
  router.removeEngine('a');
  expect(await refusalOf(pinned('a'))).toBe('pinned_worker_not_allowed 503');
  const excluded = askOf([1n], { excludedWorkers: ['b'] });
  expect(await refusalOf(router.route(excluded, NEVER))).toBe('no_endpoints 503');
  expect(router.journeys.count).toBe(3);
});

test('a full engine lets requests wait; they leave with their client, or when there is room', async () => {
  const opened = openTestRouter(`${TWO}router: {router_queue_threshold: 0.05}`);
  const { router, clock } = opened;
  const under = await Promise.all([1n, 2n].map((one) => router.route(askOf([one]), NEVER)));
  const leaver = new AbortController();
  const left = refusalOf(router.route(askOf([3n]), leaver.signal));
  const waiting = router.route(askOf([4n]), NEVER);
  expect(statusOf(router, 0).books).toMatchObject({ requests: 4, queued: 2 });
  expect(clock.armed).toBe(1);
  leaver.abort(new Error('gone'));
  expect(await left).toBe('Error: gone');
  expect(statusOf(router, 0).books).toMatchObject({ requests: 3, queued: 1 });
  clock.advance(3e9);
  under[0]!.firstToken();
  const placement = await waiting;
  expect(placement.queuedNs).toBe(3e9);
  for (const one of [...under, placement]) one.ended();
  expect(statusOf(router, 0)).toMatchObject({
    books: { requests: 0, queued: 0 },
    left_before_routed: 1,
    routed_after_waiting: 1,
  });
  expect(clock.armed).toBe(0);
  expect(await refusalOf(router.route(askOf([5n]), leaver.signal))).toBe('Error: gone');
  expect(verify(opened, 'workers').difference).toBeUndefined();
});

test('an engine that cannot be reached gets nothing, until everybody says that it can', async () => {
  const { router } = openTestRouter(TWO);
  const [a, b] = router.roster.engines;
  router.setAvailable(a!, false, 'health');
  router.setAvailable(a!, false, 'breaker');
  router.setAvailable(a!, true, 'health');
  expect((await router.route(askOf([1n]), NEVER)).engine.name).toBe('b');
  expect((await router.route(askOf([2n]), NEVER)).engine.name).toBe('b');
  router.setAvailable(a!, true, 'breaker');
  expect((await router.route(askOf([3n]), NEVER)).engine.name).toBe('a');
  router.setAvailable(a!, false, 'health');
  router.setAvailable(b!, false, 'health');
  expect(await refusalOf(router.route(askOf([4n]), NEVER))).toBe('no_endpoints 503');
  expect(statusOf(router, 0).refused).toEqual({ no_endpoints: 1 });
});

test('turns of a session stay together, and the journal has what was between them', async () => {
  const opened = openTestRouter(
    `${TWO}router: {mode: random, router_session_affinity_ttl_secs: 60}`,
  );
  const { router, clock } = opened;
  const went = new Set<string>();
  for (let turn = 0; turn < 8; turn++) {
    const placement = await router.route(askOf([], { session: 's', tenant: 't' }), NEVER);
    went.add(placement.engine.name);
    clock.advance(1e9);
    placement.progress(5);
    placement.ended();
    clock.advance(2e9);
  }
  expect([...went]).toHaveLength(1);
  opened.finish();
  const text = Buffer.from(opened.journalOf('workers')).toString();
  expect(text).toContain('["z",0,"s"]\n["y",0,"t"]\n');
  expect(text).toContain('["q",0,0,-1,0,2000000000,0]\n');
  expect(text).toContain('["o",0,5]\n["f",0]\n');
});

const APART = `engines:
  - {name: p, url: "http://h:1", role: prefill}
  - {name: d, url: "http://h:2", role: decode, kv_events: "tcp://h:3"}
`;

test('a prompt is computed by one engine and answered by another', async () => {
  const opened = openTestRouter(APART);
  const { router } = opened;
  const prefill = await router.route(askOf([1n, 2n]), NEVER);
  expect([prefill.engine.name, prefill.leg]).toEqual(['p', 'prefill']);
  prefill.firstToken();
  const decode = await prefill.handOver(NEVER);
  expect([decode.engine.name, decode.leg]).toEqual(['d', 'decode']);
  prefill.ended();
  expect(router.journeys.count).toBe(1);
  decode.firstToken();
  decode.ended();
  expect(statusOf(router, 0).books).toMatchObject({ requests: 0, forest_nodes: 0 });
  // A prefill that fails: the decode engine computes the prompt, which counts as its load.
  const failed = await router.route(askOf([1n, 2n]), NEVER);
  const instead = await failed.fallBack(NEVER);
  failed.ended();
  expect([instead.engine.name, instead.leg]).toEqual(['d', 'whole']);
  expect(statusOf(router, 0).engines[1]!.ranks[0]).toMatchObject({ prefill_tokens: 9 });
  instead.ended();
  await expect(failed.handOver(NEVER)).rejects.toThrow('the prefill leg has ended');
  expect(router.journeys.count).toBe(0);
  expect(verify(opened, 'prefill').difference).toBeUndefined();
  const again = new JournalVerifier('journal');
  again.push(opened.journalOf('decode'));
  expect(again.finish()).toMatchObject({ whole: true, difference: undefined });
});

test('short remainders are prefilled where they are decoded', async () => {
  const opened = openTestRouter(
    `${APART}router: {conditional_disagg_enabled: true, conditional_disagg_eff_isl_threshold: 10}`,
  );
  const { router } = opened;
  const long = await router.route(askOf([1n, 2n, 3n, 4n]), NEVER);
  expect(long.leg).toBe('prefill');
  long.firstToken();
  const decode = await long.handOver(NEVER);
  decode.firstToken();
  const forest = router.blocks.forest;
  for (const hash of [1n, 2n, 3n, 4n]) {
    const node = forest.find(hash);
    forest.retain(node);
    router.blocks.stored(decode.engine.target, node);
  }
  const short = await router.route(askOf([1n, 2n, 3n, 4n, 5n]), NEVER);
  expect([short.engine.name, short.leg, short.overlapBlocks]).toEqual(['d', 'whole', 4]);
  for (const one of [long, decode, short]) one.ended();
  // One that leaves between its legs leaves nothing behind.
  const other = await router.route(askOf([7n, 8n, 9n]), NEVER);
  expect(other.leg).toBe('prefill');
  other.ended();
  expect(statusOf(router, 0).books).toMatchObject({ requests: 0, queued: 0, forest_nodes: 4 });
  expect(verify(opened, 'prefill').difference).toBeUndefined();
  const again = new JournalVerifier('journal');
  again.push(opened.journalOf('decode'));
  expect(again.finish()).toMatchObject({ whole: true, difference: undefined });
});

test('a block that its engine has given back without a word is forgotten with its node', () => {
  const { router } = openTestRouter(TWO);
  const { blocks } = router;
  const node = blocks.plant(blocks.plant(-1, 1n), 2n);
  blocks.stored(0, node);
  blocks.tierStored(0, 1, node);
  expect(statusOf(router, 0).engines[0]!.ranks[0]!.cached_blocks).toBe(1);
  blocks.release(node);
  expect(statusOf(router, 0).engines[0]!.ranks[0]!.cached_blocks).toBe(0);
  // Facts of targets that nobody knows change nothing.
  blocks.stored(9, blocks.plant(-1, 3n));
  blocks.setAvailable(9, false);
});

/** More blocks than a stack has room for calls: a prompt of 320,000 tokens in blocks of 16. */
const LONG_PROMPT = Array.from({ length: 20_000 }, (_, at) => BigInt(at + 1));

test('a journal takes a prompt of any length', async () => {
  const opened = openTestRouter(TWO);
  const { router } = opened;
  const long = await router.route(askOf(LONG_PROMPT), NEVER);
  long.ended();
  expect(statusOf(router, 0).books).toMatchObject({ requests: 0, forest_nodes: 0 });
  (await router.route(askOf([1n, 2n]), NEVER)).ended();
  expect(verify(opened, 'workers')).toMatchObject({ whole: true, difference: undefined });
});

test('wherever a journal throws, nothing of the request is left and the next is served', async () => {
  for (let throwsAt = 1; throwsAt <= 6; throwsAt++) {
    let chunks = 0;
    const { router } = openTestRouter(TWO, () => {
      if (++chunks === throwsAt) throw new Error('no more');
    });
    const leaver = new AbortController();
    const failed: unknown[] = [];
    for (const more of [{ session: 's' }, { tenant: 't' }]) {
      try {
        const placement = await router.route(askOf(LONG_PROMPT, more), leaver.signal);
        placement.ended();
      } catch (error) {
        failed.push(error);
      }
    }
    expect([throwsAt, failed]).toEqual([throwsAt, [new Error('no more')]]);
    const next = await router.route(askOf([5n]), NEVER);
    // The client of the one that failed leaves late: its number is another's by now.
    leaver.abort(new Error('gone'));
    expect(statusOf(router, 0).books).toMatchObject({ requests: 1, forest_nodes: 1 });
    expect(router.activeRequests(next.engine)).toBe(1);
    next.ended();
    expect(statusOf(router, 0).books).toMatchObject({ requests: 0, forest_nodes: 0 });
  }
});

test('an end that the router takes only when it is told again leaves nothing behind', async () => {
  const { router } = openTestRouter(TWO);
  const placement = await router.route(askOf([1n]), NEVER);
  vi.spyOn(router.pools[0]!, 'tell').mockImplementationOnce(() => {
    throw new Error('not now');
  });
  expect(() => placement.ended()).toThrow('not now');
  expect(statusOf(router, 0).books).toMatchObject({ requests: 0, forest_nodes: 0 });
  expect(router.activeRequests(placement.engine)).toBe(0);
});

test('an engine that takes the place of one that left for good inherits nothing, and the journal verifies', async () => {
  const opened = openTestRouter(`${TWO}router: {active_prefill_tokens_threshold: 1000}`);
  const { router } = opened;
  const pod = (name: string) =>
    router.addEngine({
      name,
      backend: 'vllm',
      url: `http://${name}`,
      role: 'aggregated',
      dpSize: 1,
    });
  const first = pod('pod-0');
  const placement = await router.route(askOf([1n, 2n], { pin: { worker: 'pod-0' } }), NEVER);
  router.blocks.stored(first.target, router.blocks.forest.find(1n));
  router.setAvailable(first, false, 'health');
  router.loadReported(first.target, 1_000_000, -1, -1);
  router.removeEngine('pod-0');
  let last = first;
  for (let at = 1; at < 2000 && (at === 1 || last.target !== first.target); at++) {
    last = pod(`pod-${at}`);
    router.removeEngine(last.name);
  }
  const heir = pod('heir');
  expect(heir.target).not.toBe(first.target);
  router.removeEngine('heir');
  expect(last).toMatchObject({ target: first.target, worker: first.worker });
  const again = pod(last.name);
  expect(statusOf(router, 0).engines.find(({ name }) => name === again.name)!.ranks).toEqual([
    {
      ...{ rank: 0, available: true, active_requests: 0, prefill_tokens: 0 },
      ...{ active_blocks: 0, cached_blocks: 0 },
    },
  ]);
  const next = await router.route(askOf([1n], { pin: { worker: again.name } }), NEVER);
  expect([next.engine.name, next.overlapBlocks]).toEqual([again.name, 0]);
  next.ended();
  placement.ended();
  expect(statusOf(router, 0).books).toMatchObject({ requests: 0, forest_nodes: 0 });
  expect(verify(opened, 'workers')).toMatchObject({ whole: true, difference: undefined });
});
