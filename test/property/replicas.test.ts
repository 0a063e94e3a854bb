import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { NS_PER_S } from '#core/base/time.ts';
import { JournalVerifier } from '#core/journal/verifier.ts';
import { LATE_NS } from '#core/router/replicas/peer-requests.ts';
import { sequenceHashes } from '#core/tokens/block-hash.ts';
import { PeerHearing } from '#live/replicas/peer-hearing.ts';
import { encodeReplicaBatch, type ReplicaEvent } from '#live/replicas/replica-event.ts';
import { WorkerIds } from '#live/replicas/worker-ids.ts';
import { askOf, NEVER, openTestRouter, type TestRouter } from '#test/support/live-router.ts';
import { check } from './check.ts';

const EXPIRY_S = 5;
const ENGINES = ['a', 'b', 'c'].map((name, at) => ({
  ...{ name, url: `http://h:${at}`, kv_events: `tcp://h:${90 + at}` },
}));
const CONFIG = JSON.stringify({
  engines: ENGINES,
  router: { router_active_request_expiry_secs: EXPIRY_S },
});

/** A request of another router, as the law draws it. */
interface Drawn {
  readonly engine: number;
  readonly prompt: number;
  readonly blocks: number;
  readonly tokens: number;
  /** How far its router has told of it: 1 added, 2 prefilled, 3 freed. */
  readonly told: number;
}

interface Hearer {
  readonly test: TestRouter;
  readonly hearing: PeerHearing;
  readonly workers: WorkerIds;
}

function openHearer(): Hearer {
  const opened = openTestRouter(CONFIG);
  const { router, clock } = opened;
  const workers = new WorkerIds(router.roster);
  const expiryNs = EXPIRY_S * NS_PER_S;
  const parts = { router, workers, ownId: 1n, expiryNs, clock, timers: clock };
  return { test: opened, hearing: new PeerHearing(parts), workers };
}

/** Prompts that share beginnings: of two numbers the lower halves agree in as many blocks as they do. */
function hashesOf({ prompt, blocks }: Drawn): bigint[] {
  const local = Array.from({ length: blocks }, (_, at) => BigInt(1 + (prompt >> at) * 64 + at));
  return [...sequenceHashes(local)];
}

function eventsOf(drawn: readonly Drawn[], workers: WorkerIds): readonly ReplicaEvent[] {
  return drawn.flatMap((one, at) => {
    const event = {
      id: `r${at}`,
      worker: workers.of({ name: 'abc'[one.engine]! }),
      rank: 0,
      router: 2n + BigInt(at % 2),
      loraName: undefined,
    };
    const added = {
      hashes: hashesOf(one),
      tracksPrefill: true,
      expectedOutputTokens: undefined,
      prefillTokens: one.tokens,
      expectedPrefillNs: undefined,
    };
    const all = [added, 'prefilled', 'freed'] as const;
    return all.slice(0, one.told).map((data): ReplicaEvent => ({ ...event, data }));
  });
}

/** Loads of every engine: requests, blocks, prompt tokens. */
function loadsOf({ test: { router } }: Hearer): readonly (readonly number[])[] {
  const { sequences } = router.pools[0]!.router;
  return [0, 1, 2].map((target) => [
    sequences.activeRequests[target]!,
    sequences.activeBlocks[target]!,
    sequences.activePrefillTokens[target]!,
  ]);
}

/** The same from the set of what was told, counted anew. */
function naiveLoads(drawn: readonly Drawn[], heard: ReadonlySet<string>): number[][] {
  return [0, 1, 2].map((engine) => {
    const active = drawn
      .map((one, at) => ({ ...one, id: `r${at}` }))
      .filter(({ id }) => heard.has(`${id} added`) && !heard.has(`${id} freed`))
      .filter((one) => one.engine === engine);
    const blocks = new Set(active.flatMap(hashesOf));
    const waiting = active.filter(({ id }) => !heard.has(`${id} prefilled`));
    return [active.length, blocks.size, waiting.reduce((sum, { tokens }) => sum + tokens, 0)];
  });
}

function wordOf({ id, data }: ReplicaEvent): string {
  return `${id} ${typeof data === 'string' ? data : 'added'}`;
}

/** Everything of which something could be left over. */
function booksOf({ test: { router }, hearing }: Hearer) {
  return {
    active: hearing.requests.active,
    known: hearing.requests.known,
    nodes: router.blocks.forest.nodes,
    own: router.journeys.count,
    loads: loadsOf({ test: { router } } as Hearer).flat(),
  };
}

const EMPTY = { active: 0, known: 0, nodes: 0, own: 0, loads: Array(9).fill(0) };

/** The second or the third engine leaves, or is back; the first one stays. */
function comeOrGo(router: TestRouter['router'], which: number | undefined): void {
  if (which !== 1 && which !== 2) return;
  const { name, url } = ENGINES[which]!;
  if (router.roster.has(name)) router.removeEngine(name);
  else router.addEngine({ name, url, backend: 'vllm', role: 'aggregated', dpSize: 1 });
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  engine: fc.nat(2),
  prompt: fc.nat(7),
  blocks: fc.integer({ min: 0, max: 6 }),
  tokens: fc.nat(100),
  told: fc.integer({ min: 1, max: 3 }),
});

/** Requests, and the messages that arrive of theirs: some never, some more than once, in any order. */
const arrivals = fc.array(drawn, { minLength: 1, maxLength: 12 }).chain((requests) => {
  const messages = requests.reduce((sum, { told }) => sum + told, 0);
  const arrival = fc.record({
    which: fc.nat(messages - 1),
    /** Tenths of a second since the one before. */
    after: fc.nat(3),
    /** How many arrive in one message. */
    batch: fc.boolean(),
  });
  return fc.tuple(fc.constant(requests), fc.array(arrival, { maxLength: 3 * messages }));
});

test('any order and any repetition gives the loads of the set of what was heard', () => {
  check(arrivals, 150, ([requests, order]) => {
    const hearer = openHearer();
    const { hearing, test: opened } = hearer;
    const messages = eventsOf(requests, hearer.workers);
    const heard = new Set<string>();
    let sequence = 0;
    for (const { which, batch } of order) {
      const events = batch ? [messages[which]!, messages[0]!] : [messages[which]!];
      for (const event of events) heard.add(wordOf(event));
      hearing.hear({ publisher: 5, sequence: sequence++, payload: encodeReplicaBatch(events) });
      expect(loadsOf(hearer)).toEqual(naiveLoads(requests, heard));
    }
    const active = naiveLoads(requests, heard).reduce((sum, [count]) => sum + count!, 0);
    expect(hearing.requests.active).toBe(active);
    expect(hearing.requests.activeOf(2n) + hearing.requests.activeOf(3n)).toBe(active);
    opened.clock.advance(EXPIRY_S * NS_PER_S);
    expect(loadsOf(hearer).flat()).toEqual(EMPTY.loads);
    opened.clock.advance(LATE_NS);
    expect(booksOf(hearer)).toEqual(EMPTY);
    expect(opened.clock.armed).toBe(0);
  });
});

test('whoever has heard the same has the same books, whenever and in whatever order it came', () => {
  const pair = arrivals.chain(([requests, order]) =>
    fc.tuple(
      fc.constant(requests),
      fc.constant(order),
      fc.shuffledSubarray(order, { minLength: order.length, maxLength: order.length }),
    ),
  );
  check(pair, 100, ([requests, order, other]) => {
    const hearers = [order, other].map((arrived) => {
      const hearer = openHearer();
      const messages = eventsOf(requests, hearer.workers);
      for (const [sequence, { which, after }] of arrived.entries()) {
        // All within the time in which nothing expires.
        hearer.test.clock.advance((after * NS_PER_S) / 100);
        const payload = encodeReplicaBatch([messages[which]!]);
        hearer.hearing.hear({ publisher: 5, sequence, payload });
      }
      return hearer;
    });
    const [one, two] = hearers as [Hearer, Hearer];
    expect(loadsOf(one)).toEqual(loadsOf(two));
    expect(one.test.router.blocks.forest.nodes).toBe(two.test.router.blocks.forest.nodes);
  });
});

test('whatever is lost or late, time drains the books, and the journal makes every decision again', async () => {
  const runs = fc.tuple(
    arrivals,
    fc.array(fc.nat(30), { maxLength: 8 }),
    fc.array(fc.nat(4), { maxLength: 30 }),
  );
  await fc.assert(
    fc.asyncProperty(runs, async ([[requests, order], own, comings]) => {
      const hearer = openHearer();
      const { router, clock, journalOf, finish } = hearer.test;
      const messages = eventsOf(requests, hearer.workers);
      const placements = [];
      for (const [sequence, { which, after }] of order.entries()) {
        // Far enough apart that some expire on the way and some ends are forgotten.
        clock.advance(after * 20 * NS_PER_S);
        comeOrGo(router, comings[sequence]);
        const payload = encodeReplicaBatch([messages[which]!]);
        hearer.hearing.hear({ publisher: 5, sequence, payload });
        const prompt = own[sequence];
        if (prompt === undefined) continue;
        const hashes = hashesOf({ ...requests[0]!, prompt, blocks: 4 });
        placements.push(await router.route(askOf(hashes), NEVER));
      }
      for (const placement of placements) placement.ended();
      clock.advance(EXPIRY_S * NS_PER_S);
      clock.advance(LATE_NS);
      expect(booksOf(hearer)).toEqual(EMPTY);
      finish();
      const verifier = new JournalVerifier('run.journal.jsonl');
      verifier.push(journalOf('workers'));
      const { whole, decisions, difference } = verifier.finish();
      expect([whole, decisions, difference]).toEqual([true, placements.length, undefined]);
    }),
    { numRuns: 100 },
  );
});
