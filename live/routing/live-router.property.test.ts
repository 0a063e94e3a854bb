import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { JournalVerifier } from '#core/journal/verifier.ts';
import { sequenceHashes } from '#core/tokens/block-hash.ts';
import { askOf, openTestRouter, type TestRouter } from '#test/support/live-router.ts';
import { type Placement, RouteRefused } from './route-ask.ts';
import { statusOf } from './serve-status.ts';

const WHOLE = ['a', 'b', 'c'].map((name, at) => ({ name, url: `http://h:${at}` }));
/** The router is told what they hold. */
const TELLING = WHOLE.map((one, at) => ({ ...one, kv_events: `tcp://h:${9 + at}` }));
const APART = TELLING.map((one) => ({ ...one, role: one.name === 'a' ? 'prefill' : 'decode' }));

/** Routers that differ in what they remember. */
const CONFIGS: readonly string[] = [
  { engines: TELLING, router: { router_queue_threshold: 0.2, router_track_output_blocks: true } },
  { engines: WHOLE, router: { use_kv_events: false, router_ttl_secs: 3, router_temperature: 0.5 } },
  { engines: TELLING, router: { mode: 'round_robin', router_session_affinity_ttl_secs: 2 } },
  {
    engines: TELLING,
    router: { router_queue_threshold: 0.1, router_active_request_expiry_secs: 4 },
  },
  { engines: APART, router: { router_queue_threshold: 0.2 } },
  {
    engines: APART,
    router: { conditional_disagg_enabled: true, conditional_disagg_eff_isl_threshold: 12 },
  },
].map((config) => JSON.stringify(config));

type Step = readonly [kind: number, which: number, what: number];

/** A request that came, and what has become of it. */
interface Visitor {
  readonly leaver: AbortController;
  readonly legs: Placement[];
  readonly settled: Promise<unknown>;
}

/** Plays steps on a router of which the engines lie and die as they like. */
class Play {
  readonly visitors: Visitor[] = [];
  readonly opened: TestRouter;
  readonly #held = new Map<number, number[]>();
  readonly #away = new Set<string>();

  constructor(config: string) {
    this.opened = openTestRouter(config);
  }

  async step([kind, which, what]: Step): Promise<void> {
    const { router, clock } = this.opened;
    const visitor = this.visitors[which % Math.max(1, this.visitors.length)];
    const target = which % 3;
    if (kind < 5) this.#come(which, what);
    else if (kind === 5) visitor?.leaver.abort(new Error('gone'));
    else if (kind === 6) visitor?.legs[what % 2]?.firstToken();
    else if (kind === 7) visitor?.legs.at(-1)?.progress(what);
    else if (kind < 10) visitor?.legs[what % 2]?.ended();
    else if (kind === 10) clock.advance(what * 3e8);
    else if (kind === 11) this.#store(target, what);
    else if (kind === 12) this.#evict(target);
    else if (kind === 13) this.#comeOrGo('abc'[target]!);
    else if (kind === 14) router.blocks.setAvailable(target, what % 2 === 0);
    else if (visitor !== undefined) await this.#goOn(visitor, what);
    await settled();
  }

  /** Everybody leaves, and everything is evicted. */
  async end(): Promise<void> {
    for (const { leaver } of this.visitors) leaver.abort(new Error('over'));
    await settled();
    await Promise.all(this.visitors.map(({ settled: one }) => one));
    for (const { legs } of this.visitors) for (const leg of legs) leg.ended();
    for (const target of [0, 1, 2]) while (this.#evict(target));
    // What the router believes of its own decisions is forgotten with the engines.
    for (const { name } of this.opened.router.roster.engines) {
      this.opened.router.removeEngine(name);
    }
  }

  #come(which: number, what: number): void {
    const leaver = new AbortController();
    const legs: Placement[] = [];
    const ask = askOf(promptOf(what), {
      session: `s${which % 3}`,
      ...(what % 7 === 0 && { pin: { worker: 'abc'[which % 3]! } }),
      ...(what % 5 === 0 && { excludedWorkers: ['abc'[which % 3]!] }),
      ...(what % 3 === 0 && { overrides: { prefillLoadScale: which % 4 } }),
    });
    const settled = this.#follow(this.opened.router.route(ask, leaver.signal), legs);
    this.visitors.push({ leaver, legs, settled });
  }

  async #goOn({ legs, leaver }: Visitor, what: number): Promise<void> {
    const [first] = legs;
    if (first?.leg !== 'prefill' || legs.length > 1) return;
    const next = what % 2 === 0 ? first.handOver(leaver.signal) : first.fallBack(leaver.signal);
    await Promise.race([this.#follow(next, legs), settled()]);
  }

  async #follow(found: Promise<Placement>, legs: Placement[]): Promise<void> {
    try {
      legs.push(await found);
    } catch (error) {
      const isExpected =
        error instanceof RouteRefused ||
        /^(gone|over|the prefill leg)/.test(String(error).slice(7));
      if (!isExpected) throw error;
    }
  }

  #store(target: number, what: number): void {
    const { blocks } = this.opened.router;
    let node = -1;
    for (const local of localsOf(what)) {
      node = blocks.plant(node, local);
      blocks.stored(target, node);
      this.#held.set(target, [...(this.#held.get(target) ?? []), node]);
    }
  }

  #evict(target: number): boolean {
    const node = this.#held.get(target)?.pop();
    if (node === undefined) return false;
    const { blocks } = this.opened.router;
    // Another copy of the block may be there still: the last one counts.
    if (!this.#held.get(target)!.includes(node)) blocks.removed(target, node);
    blocks.release(node);
    return true;
  }

  #comeOrGo(name: string): void {
    const { router } = this.opened;
    if (this.#away.delete(name)) {
      const role = router.pools.length === 1 ? 'aggregated' : name === 'a' ? 'prefill' : 'decode';
      router.addEngine({ name, url: `http://${name}`, backend: 'vllm', role, dpSize: 1 });
      return;
    }
    this.#away.add(name);
    router.removeEngine(name);
  }
}

/** Prompts that share their beginnings. */
function localsOf(what: number): readonly bigint[] {
  return Array.from({ length: what % 5 }, (_, block) =>
    BigInt(1 + block * 3 + (what % (block + 2))),
  );
}

function promptOf(what: number): readonly bigint[] {
  return [...sequenceHashes(localsOf(what))];
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await Promise.resolve();
}

const step: fc.Arbitrary<Step> = fc.tuple(fc.integer({ min: 0, max: 16 }), fc.nat(30), fc.nat(40));

test.each(CONFIGS)('books drain and journals verify, whatever happens: %s', async (config) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const play = new Play(config);
      const { router, clock } = play.opened;
      for (const one of steps) await play.step(one);
      await play.end();
      expect(statusOf(router, 0).books).toMatchObject({ requests: 0, queued: 0, forest_nodes: 0 });
      for (const pool of router.pools) {
        expect(pool.terms.used).toBe(0);
        const { sequences } = pool.router;
        const loads = [sequences.activeRequests, sequences.activeBlocks];
        for (const column of [...loads, sequences.activePrefillTokens]) {
          expect([...column].every((load) => load === 0)).toBe(true);
        }
      }
      play.opened.finish();
      expect(clock.armed).toBe(0);
      for (const name of router.pools.map(({ role }) =>
        role === 'aggregated' ? 'workers' : role,
      )) {
        const verifier = new JournalVerifier(name);
        verifier.push(play.opened.journalOf(name));
        expect(verifier.finish()).toMatchObject({ whole: true, difference: undefined });
      }
    }),
    { numRuns: Number(process.env.WINDTUNNEL_RUNS ?? 12) },
  );
});
