import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { msToNs, type Ns } from '#core/base/time.ts';
import { resolveConfig } from '#core/config/resolve.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import type { EngineWorker } from '#sim/engine/engine-worker.ts';
import { openScheduler } from '#sim/engine/open-engine.ts';
import type { EngineRank } from '#sim/engine/rank/engine-rank.ts';
import { LoneWorker } from '#sim/engine/rank/lone-worker.ts';
import { PassClock } from '#sim/engine/rank/pass-clock.ts';
import { RankedWorker } from '#sim/engine/rank/ranked-worker.ts';
import { check } from './check.ts';
import { columnsOf } from './columns.ts';
import { certainDrafts, withDrafts } from './drafts.ts';
import { impatientRows } from './impatient-flight.ts';
import { loadRequests, openPrompts } from './loaded-requests.ts';
import { engineArbitrary, type RandomFlight, rowsArbitrary } from './random-flight.ts';
import { WorkerFlight } from './worker-flight.ts';

interface Drawn {
  readonly flight: RandomFlight;
  readonly looksMs: readonly number[];
  /** The run is cut off in the middle, or never. */
  readonly endMs: number;
}

const drafts = fc.oneof(
  certainDrafts,
  fc.constant({ num_speculative_tokens: 2, speculative_acceptance_rates: [0.7, 0.4] }),
);

/** A router that is told of blocks, and one that is not. */
const router = fc.constantFrom({ mode: 'round_robin' }, { mode: 'kv_router' });

function flights(backend: string): fc.Arbitrary<Drawn> {
  const flight = fc.constantFrom(2, 4, 6, 8).chain((traceBlockSize) =>
    fc
      .record({
        engine: engineArbitrary(['fixed', 'polynomial', 'linear', 'table'], [backend]),
        /** With drafts every pass is stepped anyway. */
        stepping: fc.constantFrom({}, {}, { stepping: 'exact' }),
        drafts,
        router,
        compat: fc.constantFrom('none', 'none', 'dynamo-1.6'),
        rows: rowsArbitrary(traceBlockSize, 25, false),
      })
      .map(({ engine, stepping, drafts: drawn, rows, ...rest }): RandomFlight => {
        const workload = { trace_block_size: traceBlockSize };
        const config = { ...rest, engine: { ...withDrafts(engine, drawn), ...stepping }, workload };
        return { config, rows };
      }),
  );
  return fc.record({
    flight: fc.oneof(flight, impatientRows(flight)),
    looksMs: fc
      .array(fc.integer({ min: 0, max: 400 }), { maxLength: 8 })
      .map((moments) => moments.toSorted((a, b) => a - b)),
    endMs: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 1, max: 400 })),
  });
}

type Driver = (clock: PassClock, rank: EngineRank) => EngineWorker;

const lone: Driver = (clock, rank) => new LoneWorker(clock, rank);
const ranked: Driver = (clock, rank) => new RankedWorker(clock, [rank]);

/** Everything that a worker has said, written to its requests and counted. */
function flyOn(driver: Driver, config: ResolvedConfig, { flight, looksMs, endMs }: Drawn) {
  const { rows } = flight;
  const prompts = openPrompts(config.engine.block_size, config.workload.trace_block_size!);
  const tables = loadRequests(rows, config, prompts);
  const endNs: Ns = msToNs(endMs);
  const { state, newRank } = openScheduler({ config, seed: 7 }, tables, endNs);
  const clock = new PassClock();
  const worker = driver(clock, newRank(clock, 0));
  const arrivalsNs = rows.map(({ atMs }) => msToNs(atMs!));
  const looksNs = looksMs.map(msToNs);
  const flown = new WorkerFlight({ worker, tables, arrivalsNs, looksNs, endNs });
  flown.fly();
  const { itlNs, passes } = state;
  return {
    facts: flown.facts,
    requests: columnsOf(tables.requests, tables.requests.count),
    tallies: worker.tallies.map((tally) => ({ ...tally })),
    passes,
    gaps: [itlNs.count, itlNs.sum, ...[0, 0.5, 0.9, 1].map((q) => itlNs.quantile(q))],
  };
}

test.for(['vllm', 'trtllm', 'sglang'])(
  'a worker without loops over ranks does what one with a single rank does: %s',
  (backend) => {
    const seen = { leaps: 0, left: 0, preemptions: 0, events: 0 };
    check(flights(backend), 150, (drawn) => {
      const config = resolveConfig(drawn.flight.config);
      const ours = flyOn(lone, config, drawn);
      expect(ours).toEqual(flyOn(ranked, config, drawn));
      const drains = ours.facts.filter(([, what]) => what === 'over').length;
      seen.leaps += Math.max(0, ours.passes - drains);
      seen.left += ours.facts.filter(([, what]) => what === 'left').length;
      seen.preemptions += ours.tallies[0]!.preemptions;
      seen.events += ours.facts.filter(([, what, kinds]) => {
        return what === 'events' && (kinds as readonly number[]).length > 0;
      }).length;
    });
    // The flights meet what they are meant to meet, unless one of them is being replayed.
    if (process.env.WINDTUNNEL_PATH !== undefined) return;
    for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(40);
  },
);
