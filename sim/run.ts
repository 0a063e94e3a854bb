import { openStream } from '#core/base/random.ts';
import { msToNs, type Ns } from '#core/base/time.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import type { RecordingRouter } from '#core/journal/recording-router.ts';
import { HolderTable } from '#core/kv/extents/holder-table.ts';
import type { PolicyFile } from '#core/policy/policy-file.ts';
import type { DecisionObserver } from '#core/router/decision-observer.ts';
import type { RoutingMachine } from '#core/router/facts.ts';
import type { OwnershipIndex } from '#core/router/index/ownership.ts';
import type { ClassProfile } from '#core/router/queue/classes/class-profile.ts';
import { Router } from '#core/router/router.ts';
import { PromptForest } from '#core/tokens/prompt-forest.ts';
import type { TraceBatch } from '#traces/batch.ts';
import type { RateWindow } from '#traces/formats/servegen/rate-windows.ts';
import { Cluster } from './cluster/cluster.ts';
import { KvEventFeed } from './cluster/kv-event-feed.ts';
import { LivelockGuard } from './cluster/livelock-guard.ts';
import { openLoadReports } from './cluster/load-reports.ts';
import { tracksOutput } from './cluster/load-tracking.ts';
import { openEventFaults } from './cluster/open-event-faults.ts';
import { ProgressTeller } from './cluster/progress-teller.ts';
import { type RunJournal, recordRun } from './cluster/record-run.ts';
import { RequestedClasses } from './cluster/requested-classes.ts';
import { routerOptions } from './cluster/router-options.ts';
import { Timeline } from './cluster/timeline.ts';
import { openEngine } from './engine/open-engine.ts';
import type { TimingModel } from './engine/timing/timing-model.ts';
import type { WorkerTally } from './engine/worker-tally.ts';
import type { RunResult } from './report/run-result.ts';
import { BlockIds } from './workload/block-ids.ts';
import { ClientWishes } from './workload/client-wishes.ts';
import { ConversationIds } from './workload/conversation-ids.ts';
import { type OpenedWorkload, openWorkload } from './workload/open-workload.ts';
import { type LoaderTables, RequestLoader } from './workload/request-loader.ts';
import { RequestTable } from './workload/request-table.ts';
import { SessionTable } from './workload/session-table.ts';
import { TenantMix } from './workload/tenant-mix.ts';

/** The random stream of the router. */
const ROUTER_STREAM = 'router.selection';

/** Instants between two calls of `onProgress`. */
const INSTANTS_PER_PROGRESS = 8_192;

export interface RunProgress {
  readonly simulatedNs: number;
  readonly arrived: number;
  readonly finished: number;
  /** Requests of the whole run, as far as known. */
  readonly total: number;
  readonly queued: number;
  /** Share of all KV blocks in use, 0…1. */
  readonly kvUsed: number;
}

export interface RunOptions {
  readonly config: ResolvedConfig;
  readonly seed: number;
  /** The trace; batches are asked for as the run gets to them. */
  readonly batches: Iterable<TraceBatch>;
  /** Whether the trace names the content of its prompts. */
  readonly hasContent: boolean;
  /** Whether prompts of later turns hold what was generated for earlier ones; default false. */
  readonly resendsOutput?: boolean;
  /** Distinct sessions in the trace; with any, or in a closed loop, the trace is loaded at once. */
  readonly sessions: number;
  /** What the file of a recorded rate holds; needed where `workload.rate_shape` names one. */
  readonly rateWindows?: readonly RateWindow[];
  /** Requests that the run will have, where known: each tenth of them is told, too. */
  readonly expectedRequests?: number;
  readonly onProgress?: (progress: RunProgress) => void;
  /** Every fact that the router is told and every decision is written there. */
  readonly journal?: RunJournal;
  /** Step of virtual time at which the state of the workers is recorded; nothing is without it. */
  readonly timelineStepNs?: Ns;
  /** Looks on while the router decides, and may choose otherwise. */
  readonly observer?: DecisionObserver;
  /** What the policy file of the config holds. */
  readonly policies?: PolicyFile;
  /** How long passes take, in place of what the config says. */
  readonly timing?: TimingModel;
}

function maxSimTimeNs(config: ResolvedConfig): Ns {
  return msToNs(config.simulation.max_sim_time_ms ?? Number.POSITIVE_INFINITY);
}

interface OpenedRouter {
  readonly router: RoutingMachine;
  readonly recorder: RecordingRouter | undefined;
  /** What it believes by KV events. */
  readonly index: OwnershipIndex;
  readonly classes: ClassProfile | undefined;
}

/** The router of a run, or in its place a recorder that has it inside. */
function openRouter(
  { config, seed, journal, policies, observer }: RunOptions,
  { forest, requests, sessions }: LoaderTables,
): OpenedRouter {
  const settings = routerOptions(config);
  const router = new Router(settings, forest, openStream(seed, ROUTER_STREAM), forest, policies);
  router.observer = observer;
  const { index } = router;
  const { classes } = settings;
  if (journal === undefined) return { router, recorder: undefined, index, classes };
  const run = {
    router,
    options: settings,
    seed,
    stream: ROUTER_STREAM,
    forest,
    requests,
    sessions,
  };
  const recorder = recordRun(run, journal);
  return { router: recorder, recorder, index, classes };
}

function sum(tallies: readonly WorkerTally[], key: keyof WorkerTally): number {
  return tallies.reduce((total, tally) => total + tally[key], 0);
}

/** Plays the run to its end, and tells of it now and then. */
function play(
  cluster: Cluster,
  requests: RequestTable,
  limit: number,
  { onProgress, expectedRequests = Number.POSITIVE_INFINITY }: RunOptions,
): void {
  const requestsPerTenth = expectedRequests / 10;
  const guard = new LivelockGuard();
  let tenth = 1;
  for (let instants = 1; cluster.playInstant(); instants++) {
    guard.instantPlayed(cluster);
    if (onProgress === undefined) continue;
    // The last tenth is the end of the run.
    const crossed = tenth < 10 && cluster.ended >= tenth * requestsPerTenth;
    if (!crossed && instants % INSTANTS_PER_PROGRESS !== 0) continue;
    if (crossed) tenth = Math.floor(cluster.ended / requestsPerTenth) + 1;
    onProgress({
      simulatedNs: cluster.nowNs,
      arrived: cluster.arrived,
      finished: cluster.ended,
      total: Math.min(requests.count, limit),
      queued: cluster.queued,
      kvUsed: cluster.kvUsed,
    });
  }
}

/** Empty tables for the requests of a run. */
function openTables({ config, resendsOutput = false }: RunOptions): LoaderTables {
  const { block_size } = config.engine;
  const blockIds = new BlockIds(block_size, config.workload.trace_block_size, resendsOutput);
  const requests = new RequestTable();
  return {
    requests,
    holders: new HolderTable(),
    sessions: new SessionTable(requests),
    forest: new PromptForest(blockIds.unitBlocks),
    blockIds,
    ...(resendsOutput && { conversations: new ConversationIds(blockIds, block_size) }),
  };
}

/** The requests of the trace and the way of sending them. */
function openTraffic(
  options: RunOptions,
  tables: LoaderTables,
  onWarm: () => void,
): OpenedWorkload {
  const { config, seed, batches, hasContent, rateWindows = [] } = options;
  const { workload, engine } = config;
  const limit = workload.num_requests ?? Number.POSITIVE_INFINITY;
  const mix =
    workload.tenants && new TenantMix(workload.tenants, openStream(seed, 'workload.tenants'));
  const wishes = new ClientWishes(workload, seed);
  const { block_size } = engine;
  const loader = new RequestLoader(batches, hasContent, block_size, limit, tables, wishes, mix);
  return openWorkload({
    config: workload,
    seed,
    loader,
    tables,
    hasSessions: options.sessions > 0,
    rateWindows,
    onWarm,
  });
}

/**
 * Flies a trace through a cluster in virtual time and returns what happened. Same config, seed and
 * trace give the same result, to the last bit.
 */
export function run(options: RunOptions): RunResult {
  const { config, seed } = options;
  const { engine, workload } = config;
  const tables = openTables(options);
  const { requests, forest } = tables;
  const limit = workload.num_requests ?? Number.POSITIVE_INFINITY;
  const { state, openWorker } = openEngine(options, tables, maxSimTimeNs(config));
  const traffic = openTraffic(options, tables, () => state.itlNs.clear());
  const { router, recorder, index, classes } = openRouter(options, tables);
  const { timelineStepNs } = options;
  const targets = config.cluster.workers * engine.data_parallel_size;
  const timeline = timelineStepNs === undefined ? undefined : new Timeline(timelineStepNs, targets);
  const listener = state.settings.publishesEvents ? router : undefined;
  const faults = openEventFaults(config, seed, router, index, forest);
  const progress = new ProgressTeller(router, requests, engine.block_size);
  const cluster = new Cluster({
    workers: config.cluster.workers,
    ranks: engine.data_parallel_size,
    state,
    openWorker,
    router,
    loads: openLoadReports(router, config.router),
    tellsSessions:
      config.router.mode === 'policy' ||
      config.router.router_session_affinity_ttl_secs !== undefined,
    requestedClasses: new RequestedClasses(requests, classes),
    feed: new KvEventFeed(listener, forest, msToNs(config.router.kv_event_lag_ms), faults),
    ...(tracksOutput(config) && { progress }),
    hintsOutput: config.router.agent_hints_osl,
    workload: traffic.flow,
    maxSimTimeNs: maxSimTimeNs(config),
    ...(timeline && { timeline }),
  });
  play(cluster, requests, limit, options);
  recorder?.finish();
  cluster.finishTimeline();
  const { tallies } = cluster;
  return {
    requests,
    itlNs: state.itlNs,
    simulatedNs: cluster.nowNs,
    passes: state.passes,
    events: cluster.events,
    preemptions: sum(tallies, 'preemptions'),
    queueRejections: cluster.queueRejections.counts,
    committedPrefillTokens: sum(tallies, 'prefillTokens'),
    peakKvBlocks: tallies.reduce((peak, tally) => Math.max(peak, tally.kvPeakBlocks), 0),
    kvUsedAtEnd: cluster.kvUsedByTarget(),
    totalKvBlocks: engine.num_gpu_blocks,
    workers: config.cluster.workers,
    blockSize: engine.block_size,
    tallies,
    headWaits: state.headWaits,
    ...(faults && { kvEvents: faults }),
    ...(timeline && { timeline }),
    cap: traffic.capFacts(cluster.nowNs),
    warmUp: traffic.warmUpFacts(),
  };
}
