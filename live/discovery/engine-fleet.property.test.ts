import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EngineEntry } from '#core/config/serve/engine-list.ts';
import { resolveEnginesFile } from '#core/config/serve/engines-file.ts';
import { resolveServe } from '#core/config/serve/resolve-serve.ts';
import { JournalVerifier } from '#core/journal/verifier.ts';
import { Availability } from '#live/engines/availability.ts';
import type { Placement } from '#live/routing/route-ask.ts';
import { statusOf } from '#live/routing/serve-status.ts';
import { EngineTies } from '#live/serve/engine-ties.ts';
import { EventPlane } from '#live/serve/event-plane.ts';
import { askOf, openTestRouter } from '#test/support/live-router.ts';
import { PushSource } from '#test/support/push-source.ts';
import { EngineFleet } from './engine-fleet.ts';

const NAMES = ['a', 'b', 'c', 'd'];
const FIRST_ADDRESS = 3;

/** One engine of each letter; a figure moves it to another address or gives it more ranks. */
function entryOf(name: string, variant: number): EngineEntry {
  const engine = {
    name,
    url: `http://${name}:${1 + (variant % FIRST_ADDRESS)}`,
    data_parallel_size: 1 + Math.floor(variant / FIRST_ADDRESS),
  };
  return resolveEnginesFile({ engines: [engine] }, {})[0]!;
}

type Step = readonly [kind: number, which: number, variant: number];

/** Two sources that list what they like, engines that answer when they like, and requests meanwhile. */
class Play {
  readonly #config = { discovery: { file: { path: 'engines.yaml' } } };
  readonly #router = {
    mode: 'kv_router',
    use_kv_events: false,
    router_queue_threshold: 4,
  };
  readonly opened = openTestRouter(JSON.stringify({ ...this.#config, router: this.#router }));
  readonly sources = [new PushSource('file'), new PushSource('dns')];
  /** Requests that are on an engine. */
  readonly placements: Placement[] = [];
  readonly #leavers = new AbortController();
  readonly #routing: Promise<unknown>[] = [];
  /** Engines that were asked and have not answered. */
  readonly #asked: (() => void)[] = [];
  readonly fleet: EngineFleet;

  constructor() {
    this.fleet = new EngineFleet({
      sources: this.sources,
      note: () => undefined,
      scout: ({ entry }, signal) =>
        new Promise((answer) => {
          signal.addEventListener('abort', () => answer(undefined), { once: true });
          this.#asked.push(() => answer({ entry, told: { models: ['tiny'] } }));
        }),
    });
  }

  /** There is a router, whose engines have neither events nor health. */
  async start(): Promise<void> {
    const { router, clock } = this.opened;
    const config = resolveServe({
      ...{ ...this.#config, router: this.#router },
      resilience: { health_interval_secs: 0 },
    });
    const plane = await EventPlane.open({ config: undefined, facts: router.blocks });
    const ties = new EngineTies({
      ...{ router, config, clock, timers: clock, settings: new Map(), first: undefined, plane },
      availability: new Availability(() => undefined),
      halt: new AbortController().signal,
      note: () => undefined,
    });
    await this.fleet.open(ties);
  }

  async step([kind, which, variant]: Step): Promise<void> {
    const source = this.sources[which % 2]!;
    if (kind < 2) {
      const names = NAMES.filter((_, at) => (which >> (at + 1)) & 1);
      source.list(names.map(variantOf(variant)));
    } else if (kind === 2) source.trouble('it does not say');
    else if (kind < 6) this.#answer(1 + (which % 4));
    else if (kind < 9) this.#come(which);
    else if (kind === 9) this.#end(which % (1 + this.placements.length));
    else this.opened.clock.advance(1e9);
    await setImmediate();
    this.#check();
  }

  /** Everybody answers, every request ends, and time passes until nothing changes any more. */
  async end(): Promise<void> {
    this.#leavers.abort(new Error('over'));
    for (let round = 0; round < 8; round++) {
      this.#answer(this.#asked.length);
      for (const placement of this.placements.splice(0)) placement.ended();
      this.opened.clock.advance(1e9);
      await setImmediate();
    }
    await Promise.all(this.#routing);
  }

  #answer(count: number): void {
    for (const answer of this.#asked.splice(0, count)) answer();
  }

  #end(which: number): void {
    this.placements.splice(which, 1)[0]?.ended();
  }

  #come(which: number): void {
    const ask = askOf(Array.from({ length: which % 4 }, (_, block) => BigInt(1 + block)));
    const found = this.opened.router.route(ask, this.#leavers.signal);
    this.#routing.push(
      found.then(
        (placement) => this.#placed(placement),
        () => undefined,
      ),
    );
  }

  #placed(placement: Placement): void {
    const { name } = placement.engine;
    const state = this.fleet.status().engines.find((one) => one.name === name)?.state;
    expect(state).toBe('serving');
    this.placements.push(placement);
  }

  /** Nobody leaves before the requests there have ended. */
  #check(): void {
    const { roster } = this.opened.router;
    for (const { engine, rank } of this.placements) {
      expect(roster.presentOf(engine.target + rank)).toBe(engine);
    }
  }
}

function variantOf(variant: number): (name: string, at: number) => EngineEntry {
  return (name, at) => entryOf(name, (variant >> at) % (2 * FIRST_ADDRESS));
}

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.nat(10),
  fc.nat(31),
  // Most lists have the engines as they were.
  fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(40) }),
);

test('whatever the order of lists, the engines become those of the last ones, and books drain', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), async (steps) => {
      const play = new Play();
      await play.start();
      for (const one of steps) await play.step(one);
      await play.end();
      const [first, second] = play.sources.map(({ last }) => last);
      const listed = new Map([...second!, ...first!].map((entry) => [entry.name, entry]));
      const { router } = play.opened;
      const there = router.roster.engines.map(({ name, url, dpSize }) => [name, url, dpSize]);
      const expected = [...listed.values()].map((one) => [
        one.name,
        one.url,
        one.data_parallel_size,
      ]);
      expect(there.sort()).toEqual(expected.sort());
      const states = play.fleet.status().engines.map(({ state }) => state);
      expect(states).toEqual(expected.map(() => 'serving'));
      expect(statusOf(router, 0).books).toMatchObject({ requests: 0, queued: 0 });
      const { sequences } = router.pools[0]!.router;
      for (const column of [sequences.activeRequests, sequences.activeBlocks]) {
        expect([...column].every((load) => load === 0)).toBe(true);
      }
      for (const source of play.sources) source.list([]);
      await play.end();
      expect(router.roster.engines).toEqual([]);
      expect(statusOf(router, 0).books.forest_nodes).toBe(0);
      await play.fleet.close();
      play.opened.finish();
      const verifier = new JournalVerifier('workers');
      verifier.push(play.opened.journalOf('workers'));
      expect(verifier.finish()).toMatchObject({ whole: true, difference: undefined });
    }),
    { numRuns: Number(process.env.WINDTUNNEL_RUNS ?? 60) },
  );
});
