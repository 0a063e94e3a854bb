import type { Ns } from '#core/base/time.ts';
import type { EngineConfig, ResolvedConfig } from '#core/config/schema.ts';
import { evictionScore } from '#core/kv/extents/order/built-in-scores.ts';
import type { PolicyFile } from '#core/policy/policy-file.ts';
import { isInformed } from '#core/router/options.ts';
import { compatSwitches } from '../cluster/compat.ts';
import type { LoaderTables } from '../workload/request-loader.ts';
import type { EngineWorker } from './engine-worker.ts';
import type { EngineRank } from './rank/engine-rank.ts';
import type { EngineSettings } from './rank/engine-settings.ts';
import { EngineState } from './rank/engine-state.ts';
import { LoneWorker } from './rank/lone-worker.ts';
import { PassClock } from './rank/pass-clock.ts';
import { RankedWorker } from './rank/ranked-worker.ts';
import type { WorkerRole } from './rank/worker-role.ts';
import { openSglangSettings } from './sglang/open-settings.ts';
import { SglangRank } from './sglang/rank.ts';
import { openPassTime, openTiming } from './timing/open-timing.ts';
import { PassPeaks } from './timing/pass-peaks.ts';
import type { TimingModel } from './timing/timing-model.ts';
import { openVllmSettings } from './vllm/open-settings.ts';
import { VllmRank } from './vllm/rank.ts';

/** The schedulers of a run: what they share, and how one is made. */
export interface OpenedScheduler {
  readonly state: EngineState;
  /** The largest of their passes, where a model on a GPU times them. */
  readonly peaks: PassPeaks;
  /** Makes a rank on the clock of its worker; `target` is what the router calls it. */
  readonly newRank: (clock: PassClock, target: number) => EngineRank;
}

/** The workers of a run: what they share, and how one is made. */
export interface OpenedEngine extends Pick<OpenedScheduler, 'state' | 'peaks'> {
  /** Makes a worker; `firstTarget` is what the router calls its first rank. */
  readonly openWorker: (firstTarget: number) => EngineWorker;
}

interface EngineOptions {
  readonly config: ResolvedConfig;
  readonly seed: number;
  readonly policies?: PolicyFile;
  /** Takes the place of the model of time that the config names. */
  readonly timing?: TimingModel;
  /** What the workers do of a request; all of it by default. */
  readonly role?: WorkerRole;
}

/** Opens the engine that a config names; the run is cut off at `endNs`. */
export function openEngine(
  options: EngineOptions,
  tables: Pick<LoaderTables, 'requests' | 'holders' | 'forest'>,
  endNs: Ns,
): OpenedEngine {
  const { state, peaks, newRank } = openScheduler(options, tables, endNs);
  const { role, dataParallelSize: length } = state.settings;
  const openWorker = (firstTarget: number): EngineWorker => {
    const clock = new PassClock();
    if (length === 1 && role === 'aggregated')
      return new LoneWorker(clock, newRank(clock, firstTarget));
    const ranks = Array.from({ length }, (_, rank) => newRank(clock, firstTarget + rank));
    return new RankedWorker(clock, ranks);
  };
  return { state, peaks, openWorker };
}

/** The same but for the workers: its ranks are the caller's to drive. */
export function openScheduler(
  { config, seed, policies, timing: own, role = 'aggregated' }: EngineOptions,
  { requests, holders, forest }: Pick<LoaderTables, 'requests' | 'holders' | 'forest'>,
  endNs: Ns,
): OpenedScheduler {
  const compat = compatSwitches(config.compat);
  const peaks = new PassPeaks();
  const model = own ?? openTiming(config, compat, peaks);
  const passTime = openPassTime(config.engine, model);
  const common = commonSettings(config, role, policies, endNs);
  const stateOf = <Settings extends EngineSettings>(settings: Settings) =>
    new EngineState(settings, seed, passTime, requests, holders, forest);
  if (config.engine.backend === 'sglang') {
    const state = stateOf(openSglangSettings(common, config.engine));
    return { state, peaks, newRank: (clock, target) => new SglangRank(state, clock, target) };
  }
  const state = stateOf(openVllmSettings(common, config.engine, compat));
  return { state, peaks, newRank: (clock, target) => new VllmRank(state, clock, target) };
}

/** One probability for each draft; what the user does not say of later drafts is 0. */
function draftAcceptance(engine: EngineConfig): readonly number[] | undefined {
  const { num_speculative_tokens: drafts, speculative_acceptance_rates: rates } = engine;
  if (drafts === undefined) return undefined;
  return Array.from({ length: drafts }, (_, position) => rates[position] ?? 0);
}

function commonSettings(
  { engine, router, compat, kv_transfer }: ResolvedConfig,
  role: WorkerRole,
  policies: PolicyFile | undefined,
  endNs: Ns,
): EngineSettings {
  const maxModelLen = engine.max_model_len ?? Number.POSITIVE_INFINITY;
  const slowed = Math.min(1, engine.decode_speedup_ratio) * engine.speedup_ratio < 1;
  return {
    role,
    dataParallelSize: engine.data_parallel_size,
    blockSize: engine.block_size,
    numGpuBlocks: engine.num_gpu_blocks,
    maxNumSeqs: engine.max_num_seqs,
    maxModelLen,
    maxSequenceTokens: maxModelLen,
    prefixCaching: engine.enable_prefix_caching,
    reusesAtDestination: engine.backend !== 'trtllm',
    grantsOneByOne: compatSwitches(compat).grantsOneByOne,
    freePrefill: role === 'decode' && compatSwitches(compat).freeRecompute,
    evictionOrder: evictionScore(engine.kv_eviction_policy, policies?.eviction),
    speculation: draftAcceptance(engine),
    streamInterval: engine.stream_interval,
    tokensAhead: 0,
    countsPasses: engine.prefill_schedule_interval > 1,
    exactStepping:
      engine.stepping === 'exact' ||
      engine.num_speculative_tokens !== undefined ||
      // The router is told after each pass how many blocks are in use.
      router.active_decode_blocks_threshold !== undefined ||
      // What a pass has computed leaves when it ends.
      (role === 'prefill' && kv_transfer.streaming !== 'none') ||
      // Where a pass is rounded before it is slowed down, a sum of passes is no multiple of one.
      (compatSwitches(compat).roundedBeforeScaling && slowed),
    endNs,
    // The router sends a request to decode where there is room, not where its prefix is, unless
    // its prompt may be prefilled there.
    publishesEvents:
      (role !== 'decode' || router.conditional_disagg_enabled) &&
      isInformed(router.mode) &&
      router.use_kv_events,
  };
}
