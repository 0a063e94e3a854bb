import { openStream } from '#core/base/random.ts';
import { msToNs, type Ns } from '#core/base/time.ts';
import type { PoolConfig, PoolRole } from '#core/config/pools.ts';
import type { ClusterConfig, ResolvedConfig } from '#core/config/schema.ts';
import type { RecordingRouter } from '#core/journal/recording-router.ts';
import type { PolicyFile } from '#core/policy/policy-file.ts';
import type { DecisionObserver } from '#core/router/decision-observer.ts';
import type { RoutingMachine } from '#core/router/facts.ts';
import type { RouterOptions } from '#core/router/options.ts';
import { Router } from '#core/router/router.ts';
import { tracksOutput } from '#core/router/sequences/request-load.ts';
import { openEngine } from '../engine/open-engine.ts';
import type { EngineState } from '../engine/rank/engine-state.ts';
import type { PassPeaks } from '../engine/timing/pass-peaks.ts';
import type { TimingModel } from '../engine/timing/timing-model.ts';
import type { LoaderTables } from '../workload/request-loader.ts';
import type { RequestTable } from '../workload/request-table.ts';
import { ArrivalQueries } from './arrival-queries.ts';
import type { EventFaults } from './event-faults.ts';
import { KvEventFeed } from './kv-event-feed.ts';
import { openLoadReports } from './load-reports.ts';
import { openEventFaults } from './open-event-faults.ts';
import { Pool } from './pool.ts';
import type { PrefillLegs } from './prefill-legs.ts';
import { ProgressTeller } from './progress-teller.ts';
import type { RunJournal } from './record-run.ts';
import { RequestRouting } from './request-routing.ts';
import { RequestedClasses } from './requested-classes.ts';
import { joinersOf } from './role-schedule.ts';
import { routerOptions } from './router-options.ts';

/** The random stream of a router; those of several pools bear their names. */
const ROUTER_STREAM = 'router.selection';

/** What all pools of a run share. */
export interface PoolShared {
  readonly seed: number;
  readonly tables: LoaderTables;
  /** What prefill workers write in place of the tables of the run. */
  readonly legs: PrefillLegs | undefined;
  /** Tokens of a pass of the workers that compute prompts for others; 0 where there are none. */
  readonly prefillBudget: number;
  /** The run is cut off then; infinite without a limit. */
  readonly endNs: Ns;
  readonly policies?: PolicyFile;
  /** How long passes take, in place of what the config says. */
  readonly timing?: TimingModel;
  readonly journal?: RunJournal;
  readonly observer?: DecisionObserver;
  /** The only pool whose router is looked on at. */
  readonly observedPool?: string;
  /** Workers that change pools. */
  readonly schedule: ClusterConfig['schedule'];
}

/** A pool, and what is asked of its parts when the run is over. */
export interface OpenedPool {
  readonly pool: Pool;
  /** The largest passes of its workers, where a model on a GPU times them. */
  readonly peaks: PassPeaks;
  readonly recorder: RecordingRouter | undefined;
  readonly faults: EventFaults | undefined;
}

/** Opens a pool of a run; its workers and targets are numbered on from those of the pools before. */
export function openPool(
  pool: PoolConfig,
  shared: PoolShared,
  before: readonly Pool[],
): OpenedPool {
  const { name, role, config } = pool;
  const { seed, tables, legs, endNs, policies, timing } = shared;
  const given = { ...(policies && { policies }), ...(timing && { timing }) };
  const { requests, forest } = tables;
  const own = role === 'prefill' && legs !== undefined ? { ...tables, ...legs.tables } : tables;
  const { state, peaks, openWorker } = openEngine({ ...given, config, seed, role }, own, endNs);
  const settings = routerOptions(config, role, shared.prefillBudget);
  const { router, index, recorder } = openRouter(pool, shared, settings);
  const joiners = joinersOf(shared.schedule, name);
  const suffix = suffixOf(role);
  const faults = openEventFaults(config, seed, router, index, forest, suffix, joiners);
  const parts = {
    name,
    role,
    workers: config.cluster.workers,
    joiners,
    firstPlace: before.reduce((sum, { workersAtStart }) => sum + workersAtStart, 0),
    gpusPerWorker: config.cluster.gpus_per_worker,
    isGrouped: config.cluster.groups !== undefined,
    ranks: config.engine.data_parallel_size,
    state,
    openWorker,
    router,
    queries: openQueries(config, state, router, settings, requests),
    feed: new KvEventFeed(
      state.settings.publishesEvents ? router : undefined,
      forest,
      msToNs(config.router.kv_event_lag_ms),
      faults,
    ),
    loads: openLoadReports(router, config.router),
    progress: tracksOutput(settings)
      ? new ProgressTeller(router, requests, config.engine.block_size)
      : undefined,
  };
  const last = before.at(-1);
  const firstWorker = last === undefined ? 0 : last.firstWorker + last.workers.length;
  const firstTarget = last === undefined ? 0 : last.firstTarget + last.targets;
  return { pool: new Pool(parts, firstWorker, firstTarget), peaks, recorder, faults };
}

/** What the random streams of a pool that is one of several end in. */
function suffixOf(role: PoolRole): string {
  return role === 'aggregated' ? '' : `.${role}`;
}

interface OpenedRouter {
  /** The one that is told all facts: itself, or who writes them down on the way. */
  readonly router: RoutingMachine;
  readonly index: Router['index'];
  readonly recorder: RecordingRouter | undefined;
}

/** The router of a pool, recorded and looked on at where somebody asks for it. */
function openRouter(
  { name, role }: PoolConfig,
  { seed, tables, policies, observedPool, observer, journal }: PoolShared,
  options: RouterOptions,
): OpenedRouter {
  const { forest, requests, sessions } = tables;
  const stream = `${ROUTER_STREAM}${suffixOf(role)}`;
  const router = new Router(options, forest, openStream(seed, stream), forest, policies);
  if ((observedPool ?? name) === name) router.observer = observer;
  const recorder = journal?.record({
    router,
    options,
    seed,
    stream,
    forest,
    requests,
    sessions,
    pool: name,
    isOneOfSeveral: role !== 'aggregated',
  });
  return { router: recorder ?? router, index: router.index, recorder };
}

/** What the router of a pool is asked when a request comes. */
function openQueries(
  { router: { mode, router_session_affinity_ttl_secs, agent_hints_osl }, engine }: ResolvedConfig,
  state: EngineState,
  router: RoutingMachine,
  settings: RouterOptions,
  requests: RequestTable,
): ArrivalQueries {
  const tellsSessions = mode === 'policy' || router_session_affinity_ttl_secs !== undefined;
  const takesOver = settings.disaggregation !== undefined;
  const ranks = engine.data_parallel_size;
  const routing = new RequestRouting(requests, router, ranks, tellsSessions, takesOver);
  const classes = new RequestedClasses(requests, settings.classes);
  return new ArrivalQueries(requests, state, routing, classes, agent_hints_osl);
}
