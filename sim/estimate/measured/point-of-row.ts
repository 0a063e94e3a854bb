import { InputError } from '#core/base/errors.ts';
import { type HostFacts, hostTime, startsKernels } from '#core/perf/host/host-time.ts';
import { type CudaGraphs, graphsFor } from '#core/perf/pass/cuda-graphs.ts';
import type { Deployment } from '#core/perf/pass/deployment.ts';
import { conversationLengths } from '../lengths.ts';
import type { Lengths, Load, LoadPoint, ServerSettings } from '../load-point.ts';
import { serverDefaults } from '../server-defaults.ts';
import { deploymentOfRow } from './deployment-of-row.ts';
import { generatorHabitsOf } from './load-generator.ts';
import type { MeasuredRow, MeasuredWorkload } from './measured-row.ts';

/** More requests of one point than this change no mean by as much as its source's noise. */
const MOST_REQUESTS = 4096;

/** An open loop that is too fast never settles: what it waits depends on how long it went on. */
const MOST_OPEN_REQUESTS = 16_384;

/**
 * The question that a measured row answers: what was done is replayed, not its label. Closed loops
 * begin with all clients at once, as benchmark clients do, open loops at their rate, batches at one
 * moment. Throws an InputError where the row does not say enough, or names what is not known.
 */
export function pointOfRow(row: MeasuredRow, seed: number): LoadPoint {
  const bare = deploymentOfRow(row);
  const { workload } = row;
  const { maxConcurrency, timeoutMs } = generatorHabitsOf(row);
  const load = loadOf(row, maxConcurrency);
  const most = load.kind === 'open' ? MOST_OPEN_REQUESTS : MOST_REQUESTS;
  const server = serverOf(row, serverDefaults(bare.engine, bare.gpu));
  const hostFacts = hostFactsOf(row, bare);
  const graphs = graphsOf(row, bare, server, startsKernels(hostFacts));
  const deployment = { ...bare, ...(graphs !== undefined && { graphs }) };
  const distinctPrompts = promptsOf(row, server);
  return {
    deployment,
    server,
    host: hostTime(hostFacts),
    load,
    requests: Math.min(most, requestsOf(workload, load)),
    isl: lengthsOf(workload, 'isl'),
    osl: lengthsOf(workload, 'osl'),
    ...(distinctPrompts !== undefined && { distinctPrompts }),
    ...(timeoutMs !== undefined && { clientTimeoutMs: timeoutMs }),
    seed,
  };
}

/** What a row says of its engine's host. */
export function hostFactsOf(
  row: MeasuredRow,
  { engine, model, tensorParallel }: Deployment,
): HostFacts {
  const { engine_version: version, workload } = row;
  const year = yearOf(row);
  return {
    engine,
    ...(version != null && { version }),
    ...(year !== undefined && { year }),
    ...(/async-scheduling/.test(String(row.server?.flags ?? '')) && { asynchronous: true }),
    // Prompts of people are answered as a model's generation config says, made-up ones greedily.
    samples: workload.dataset !== undefined && workload.ignore_eos !== true,
    vocabulary: model.vocabulary,
    layers: model.layers,
    tensorParallel,
  };
}

/** What its engine captured, where passes with prompts were not in it as the flags say. */
function graphsOf(
  { server: said = {} }: MeasuredRow,
  { engine, gpu, tensorParallel }: Deployment,
  { maxNumSeqs }: ServerSettings,
  startsKernels: boolean,
): CudaGraphs | undefined {
  const facts = { engine, gpu, tensorParallel, maxNumSeqs, startsKernels };
  const graphs = graphsFor('auto', facts);
  if (graphs === undefined || !/FULL_DECODE_ONLY/.test(String(said.flags))) return graphs;
  return { ...graphs, withPrompts: false };
}

/** When a row was measured, or else the year that its notes name. */
function yearOf({ measured, notes = '' }: MeasuredRow): number | undefined {
  const year = /\b20\d\d/.exec(`${measured ?? ''} ${notes}`)?.[0];
  return year === undefined ? undefined : Number(year);
}

function loadOf({ workload, notes = '' }: MeasuredRow, maxConcurrency?: number): Load {
  const { kind, concurrency, request_rate, arrival } = workload;
  switch (kind) {
    case 'closed-loop':
      return {
        kind: 'closed',
        concurrency: Math.max(1, Math.round(needed(concurrency, 'concurrency'))),
        // Some publish a window of a server that has been busy for long, none of its start.
        start: /steady-state window/.test(notes) ? 'spread' : 'together',
      };
    case 'open-loop':
      return {
        kind: 'open',
        requestRate: needed(request_rate, 'request_rate'),
        arrivals: arrival === 'poisson' ? 'poisson' : 'constant',
        ...(maxConcurrency !== undefined && { maxConcurrency }),
      };
    case 'burst':
    case 'offline-batch':
    case 'static-batch':
      return { kind: 'burst' };
  }
  throw new InputError('points_invalid', 'unknown kind of load', {
    path: 'workload.kind',
    received: kind,
    allowed: 'closed-loop, open-loop, burst, offline-batch or static-batch',
  });
}

function needed(value: unknown, key: string): number {
  if (typeof value === 'number' && value > 0) return value;
  throw new InputError('points_invalid', 'this key is needed', {
    path: `workload.${key}`,
    received: value ?? null,
    allowed: 'a number above 0',
  });
}

/** Benchmarks of closed loops send ten requests a client where they do not say otherwise. */
function requestsOf(workload: MeasuredWorkload, load: Load): number {
  const { num_prompts, batch, duration_s = 60 } = workload;
  if (load.kind === 'closed') return num_prompts ?? 10 * load.concurrency;
  if (load.kind === 'open') return Math.max(1, Math.round(load.requestRate * duration_s));
  return needed(num_prompts ?? batch, 'batch');
}

function lengthsOf(workload: MeasuredWorkload, which: 'isl' | 'osl'): Lengths {
  if (which === 'osl' && workload.osl_histogram !== undefined) {
    const { bins, counts } = workload.osl_histogram;
    return { kind: 'histogram', edges: bins, counts };
  }
  const most = workload[`${which}_max`];
  if (most !== undefined) return { kind: 'uniform', from: 1, to: needed(most, `${which}_max`) };
  const tokens = needed(lengthOf(workload, which), which);
  const least = /uniform\[([\d.]+)\*/.exec(workload[`${which}_dist`] ?? '')?.[1];
  if (least !== undefined) return { kind: 'uniform', from: Number(least) * tokens, to: tokens };
  if (isConversations(workload)) return conversationLengths(tokens);
  return { kind: 'fixed', tokens };
}

/** The length that a row gives, or the mean of its lengths. */
function lengthOf(workload: MeasuredWorkload, which: 'isl' | 'osl'): number {
  return (
    workload[which] ??
    // Where the end is ignored, outputs have the length that was asked for, whatever the source
    // counts when it makes tokens of the text again.
    (which === 'osl' && workload.ignore_eos ? workload.osl_nominal : undefined) ??
    workload[`${which}_mean`] ??
    workload[`${which}_nominal`] ??
    unpublished(workload, which)
  );
}

/** Whether a row gives but the means of lengths that were those of people's conversations. */
function isConversations({ kind, dataset }: MeasuredWorkload): boolean {
  return kind === 'burst' && dataset !== undefined && !/random|shared_prefix/.test(dataset);
}

/** Prompts of a chat are short, those of a graduate exam longer; the sources publish no lengths. */
function unpublished({ dataset }: MeasuredWorkload, which: 'isl' | 'osl'): number {
  if (which === 'isl' && dataset !== undefined) return /gpqa/.test(dataset) ? 250 : 100;
  throw new InputError('points_invalid', 'this key is needed', {
    path: `workload.${which}`,
    allowed: 'a number of tokens',
  });
}

function serverOf(row: MeasuredRow, own: ServerSettings): ServerSettings {
  const { server = {}, workload } = row;
  const flags = [...(Array.isArray(server.args) ? server.args : []), server.cmd, server.flags].join(
    ' ',
  );
  const flag = (name: string): number | undefined => {
    const value = new RegExp(`${name}[= ](\\d+)`).exec(flags)?.[1];
    return value === undefined ? undefined : Number(value);
  };
  const blocks = kvBlocksOf(server, own.blockSize);
  const generated = generatedSettings(row);
  const chunkedPrefill = generated.chunkedPrefill ?? !/no-enable-chunked-prefill/.test(flags);
  const staticBatch = workload.kind.endsWith('-batch');
  return {
    ...own,
    ...generated,
    maxNumSeqs:
      numberOf(server.max_num_seqs) ??
      flag('--max-num-seqs') ??
      (staticBatch ? 4096 : own.maxNumSeqs),
    maxBatchedTokens:
      numberOf(server.max_num_batched_tokens) ??
      flag('--max-num-batched-tokens') ??
      flag('max_num_tokens') ??
      generated.maxBatchedTokens ??
      own.maxBatchedTokens,
    prefixCaching: !/no-enable-prefix-caching|no block reuse/.test(flags),
    chunkedPrefill,
    ...(!chunkedPrefill && isFirstEngine(server) && { promptsFirst: true }),
    ...(waitsForBatches(row, flags) && { batchWaitPasses: BATCH_WAIT_PASSES }),
    ...(blocks !== undefined && { kvBlocks: blocks }),
  };
}

/** Whether vLLM was told to run its first engine, which mixes prompts and decode only in chunks. */
function isFirstEngine({ env }: Readonly<Record<string, unknown>>): boolean {
  return /VLLM_USE_V1\W+0/.test(JSON.stringify(env ?? ''));
}

/** InferenceMAX lets TensorRT-LLM wait for so many passes (benchmarks/70b_fp4_b200_trt_docker.sh). */
const BATCH_WAIT_PASSES = 20;

/** Whether prompts waited for each other: as the flags say, for the short ones on up to four GPUs. */
function waitsForBatches({ tp, workload }: MeasuredRow, flags: string): boolean {
  const { isl = 0, osl = 0 } = workload;
  return /batch_wait for 1k\/1k tp<8/.test(flags) && isl <= 1024 && osl <= 1024 && tp < 8;
}

/** Tokens that AIConfigurator's generator adds to a prompt and to the clients for a pass. */
const GENERATED_SLACK_TOKENS = 1500;

/** Tokens of a chunk on the GPUs of its sweeps, SGLang's own default there. */
const SGLANG_CHUNK_TOKENS = 8192;

/** Share of the free memory that it gives the KV cache of TensorRT-LLM. */
const GENERATED_TRTLLM_FRACTION = 0.8;

/**
 * What AIConfigurator's generator wrote where its rows do not carry it: a budget for one prompt and
 * all clients, and for TensorRT-LLM prompts in one piece and a smaller cache (ai-dynamo/aiconfigurator,
 * generator/rule_plugin/benchmark and the templates of extra_engine_args).
 */
function generatedSettings({
  engine,
  engine_version,
  workload,
  notes = '',
}: MeasuredRow): GeneratedSettings {
  const { isl, concurrency } = workload;
  if (!/AIConfigurator/.test(notes) || isl === undefined || concurrency == null) return {};
  const maxBatchedTokens = isl + concurrency + GENERATED_SLACK_TOKENS;
  if (/^vllm/i.test(engine)) return { maxBatchedTokens };
  if (/^sglang/i.test(engine)) return mixedChunks(engine_version ?? '', isl);
  if (!/^trt/i.test(engine)) return {};
  return { maxBatchedTokens, chunkedPrefill: false, memoryFraction: GENERATED_TRTLLM_FRACTION };
}

type GeneratedSettings = Partial<
  Pick<ServerSettings, 'maxBatchedTokens' | 'chunkedPrefill' | 'memoryFraction' | 'mixesPrompts'>
>;

/** Its template for this SGLang mixes prompts and decode; earlier ones misspell the flag. */
const MIXED = /^0\.5\.6\b/;

function mixedChunks(version: string, isl: number): GeneratedSettings {
  if (!MIXED.test(version)) return {};
  const maxBatchedTokens = Math.min(SGLANG_CHUNK_TOKENS, isl + GENERATED_SLACK_TOKENS);
  return { maxBatchedTokens, mixesPrompts: true };
}

function kvBlocksOf(
  server: Readonly<Record<string, unknown>>,
  blockSize: number,
): number | undefined {
  const tokens = numberOf(server.kv_cache_tokens) ?? (numberOf(server.kv_blocks_16) ?? 0) * 16;
  return tokens === 0 ? undefined : Math.floor(tokens / blockSize);
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** Shared-prefix generators send each of their prompts again and again: they lie in the cache. */
function promptsOf(
  { workload }: MeasuredRow,
  { prefixCaching }: ServerSettings,
): number | undefined {
  if (!prefixCaching || !/shared_prefix/.test(workload.dataset ?? '')) return undefined;
  const heads =
    workload.resolved_num_groups ??
    workload.profile_unique_system_prompts ??
    workload.unique_system_prompts ??
    10;
  const users =
    workload.resolved_prompts_per_group ??
    workload.profile_users_per_prompt ??
    workload.users_per_prompt ??
    10;
  return heads * users;
}
