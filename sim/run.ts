import { openStream } from '#core/base/random.ts';
import { msToNs, type Ns } from '#core/base/time.ts';
import { passPartsOf } from '#core/config/pass-parts.ts';
import { isDisaggregated, poolsOf } from '#core/config/pools.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import { HolderTable } from '#core/kv/extents/holder-table.ts';
import type { PolicyFile } from '#core/policy/policy-file.ts';
import type { DecisionObserver } from '#core/router/decision-observer.ts';
import { PromptForest } from '#core/tokens/prompt-forest.ts';
import type { TraceBatch } from '#traces/batch.ts';
import type { RateWindow } from '#traces/formats/servegen/rate-windows.ts';
import { Cluster } from './cluster/cluster.ts';
import { clusterOutcome } from './cluster/cluster-outcome.ts';
import { encodeOutcome, openEncode } from './cluster/encode/open-encode.ts';
import { LivelockGuard } from './cluster/livelock-guard.ts';
import { openDisaggregation } from './cluster/open-disaggregation.ts';
import { type OpenedPool, openPool } from './cluster/open-pool.ts';
import type { Pool } from './cluster/pool.ts';
import { PrefillLegs } from './cluster/prefill-legs.ts';
import type { RunJournal } from './cluster/record-run.ts';
import { RoleChanges } from './cluster/role-changes.ts';
import { askSchedule } from './cluster/role-schedule.ts';
import { Timeline } from './cluster/timeline.ts';
import type { TimingModel } from './engine/timing/timing-model.ts';
import type { RunResult } from './report/run-result.ts';
import { BlockIds } from './workload/block-ids.ts';
import { ClientWishes } from './workload/client-wishes.ts';
import { ConversationIds } from './workload/conversation-ids.ts';
import { type OpenedWorkload, openWorkload } from './workload/open-workload.ts';
import { type LoaderTables, RequestLoader } from './workload/request-loader.ts';
import { NEVER, RequestTable } from './workload/request-table.ts';
import { SessionTable } from './workload/session-table.ts';
import { TenantMix } from './workload/tenant-mix.ts';

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
  /** The run is over when the first so many requests have ended; all of them have to by default. */
  readonly enoughRequests?: number;
  readonly onProgress?: (progress: RunProgress) => void;
  /** Every fact that the router is told and every decision is written there. */
  readonly journal?: RunJournal;
  /** Step of virtual time at which the state of the workers is recorded; nothing is without it. */
  readonly timelineStepNs?: Ns;
  /** Looks on while the router decides, and may choose otherwise. */
  readonly observer?: DecisionObserver;
  /** How long passes take, in place of what the config says. */
  readonly timing?: TimingModel;
  /** What each request takes outside the engines, beside such a `timing`; nothing by default. */
  readonly frontendNs?: Ns;
  /** The pool whose router is looked on at; all of them when absent. */
  readonly observedPool?: string;
  /** What the policy file of the config holds. */
  readonly policies?: PolicyFile;
}

function maxSimTimeNs(config: ResolvedConfig): Ns {
  return msToNs(config.simulation.max_sim_time_ms ?? Number.POSITIVE_INFINITY);
}

/** Plays the run to its end, and tells of it now and then. */
function play(cluster: Cluster, requests: RequestTable, limit: number, options: RunOptions): void {
  const { onProgress, expectedRequests = Number.POSITIVE_INFINITY } = options;
  const { enoughRequests: enough = Number.POSITIVE_INFINITY } = options;
  const requestsPerTenth = expectedRequests / 10;
  const guard = new LivelockGuard();
  let tenth = 1;
  let ended = 0;
  for (let instants = 1; cluster.playInstant(); instants++) {
    guard.instantPlayed(cluster);
    while (ended < enough && hasEnded(requests, ended)) ended++;
    if (ended === enough) return;
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
      queued: cluster.fleet.queued,
      kvUsed: cluster.fleet.kvUsed,
    });
  }
}

function hasEnded({ count, terminalNs }: RequestTable, row: number): boolean {
  return row < count && terminalNs[row] !== NEVER;
}

/** Tokens of a KV block, which all pools have alike. */
function blockSizeOf(config: ResolvedConfig): number {
  return poolsOf(config)[0]!.config.engine.block_size;
}

/** Empty tables for the requests of a run. */
function openTables({ config, resendsOutput = false }: RunOptions): LoaderTables {
  const block_size = blockSizeOf(config);
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
  const { workload } = config;
  const limit = workload.num_requests ?? Number.POSITIVE_INFINITY;
  const mix =
    workload.tenants && new TenantMix(workload.tenants, openStream(seed, 'workload.tenants'));
  const wishes = new ClientWishes(workload, seed);
  const block_size = blockSizeOf(config);
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

/** What requests take outside the engines; nothing where no model says it. */
function frontendNsOf(config: ResolvedConfig): Ns {
  const modelled = poolsOf(config).find((pool) => pool.config.engine.timing.type === 'model');
  return modelled === undefined ? 0 : msToNs(passPartsOf(modelled.config).host.frontendMs);
}

/** The pools of the config, prefill before decode, and what goes from one to the other. */
function openPools(options: RunOptions, tables: LoaderTables) {
  const { config, seed, policies, journal, observer, observedPool, timing } = options;
  const { requests, holders, forest } = tables;
  const prefill = poolsOf(config).find(({ role }) => role === 'prefill');
  const legs = isDisaggregated(config) ? new PrefillLegs(requests, holders, forest) : undefined;
  const shared = {
    seed,
    tables,
    legs,
    prefillBudget: prefill?.config.engine.max_num_batched_tokens ?? 0,
    schedule: config.cluster.schedule,
    endNs: maxSimTimeNs(config),
    ...(policies && { policies }),
    ...(timing && { timing }),
    ...(journal && { journal }),
    ...(observer && { observer }),
    ...(observedPool !== undefined && { observedPool }),
  };
  const opened: OpenedPool[] = [];
  const pools: Pool[] = [];
  for (const pool of poolsOf(config)) {
    const one = openPool(pool, shared, pools);
    opened.push(one);
    pools.push(one.pool);
  }
  const disaggregation = legs && openDisaggregation(config, pools, requests, legs);
  const { schedule } = config.cluster;
  const roleChanges = schedule && new RoleChanges(pools);
  if (roleChanges !== undefined) askSchedule(schedule!, roleChanges, pools);
  return { pools, disaggregation, roleChanges, opened };
}

/**
 * Flies a trace through a cluster in virtual time and returns what happened. Same config, seed and
 * trace give the same result, to the last bit.
 */
export function run(options: RunOptions): RunResult {
  const { config } = options;
  const tables = openTables(options);
  const { requests } = tables;
  requests.frontendNs =
    options.timing === undefined ? frontendNsOf(config) : (options.frontendNs ?? 0);
  const limit = config.workload.num_requests ?? Number.POSITIVE_INFINITY;
  const { pools, disaggregation, roleChanges, opened } = openPools(options, tables);
  const encode = openEncode(config, requests);
  const { itlNs } = pools.at(-1)!.state;
  const traffic = openTraffic(options, tables, () => itlNs.clear());
  const targets = pools.reduce((sum, pool) => sum + pool.targets, 0);
  const { timelineStepNs } = options;
  const links = disaggregation?.links;
  const linkCount = links?.sharedCount ?? 0;
  const timeline =
    timelineStepNs === undefined
      ? undefined
      : new Timeline(timelineStepNs, targets, undefined, linkCount);
  const cluster = new Cluster({
    pools,
    requests,
    ...(encode && { encode }),
    ...(disaggregation && { disaggregation }),
    ...(roleChanges && { roleChanges }),
    workload: traffic.flow,
    maxSimTimeNs: maxSimTimeNs(config),
    ...(timeline && { timeline }),
  });
  play(cluster, requests, limit, options);
  for (const { recorder } of opened) recorder?.finish();
  cluster.finish();
  const faults = opened.find((pool) => pool.faults !== undefined)?.faults;
  return {
    requests,
    ...clusterOutcome(cluster, opened, roleChanges),
    ...(encode && { encode: encodeOutcome(config, encode) }),
    ...(disaggregation && { handOffs: disaggregation.handOffs }),
    ...(roleChanges && { roleChanges: roleChanges.all }),
    ...(links && linkCount > 0 && { links: links.outcomes(cluster.nowNs) }),
    ...(faults && { kvEvents: faults }),
    ...(timeline && { timeline }),
    cap: traffic.capFacts(cluster.nowNs),
    warmUp: traffic.warmUpFacts(),
  };
}
