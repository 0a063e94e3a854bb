import { type TokensOfPass, tokensOfGraph } from '#core/perf/pass/cuda-graphs.ts';
import type { Deployment } from '#core/perf/pass/deployment.ts';
import type { OperatorTime } from '#core/perf/pass/forward-pass.ts';
import type { Estimate } from '#sim/estimate/estimate.ts';
import type { Latency } from '#sim/estimate/figures.ts';
import { meanLength } from '#sim/estimate/lengths.ts';
import type { LoadPoint } from '#sim/estimate/load-point.ts';
import type { PassOperators } from '#sim/estimate/operators.ts';
import { confidenceText } from '#sim/report/confidence-text.ts';
import { bar } from './bars.ts';

const BINDS: Readonly<Record<Estimate['binds'], string>> = {
  memory: 'KV cache is full: requests wait for blocks',
  sequences: 'the limit of sequences: requests wait for a place',
  host: 'host and sampler time of the engine',
  compute: 'operations of prefill',
  bandwidth: 'memory bandwidth of decode',
};

function number(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en-US');
  return value.toPrecision(value >= 100 ? 4 : 3);
}

function row(name: string, latency: Latency | undefined): string[] {
  if (latency === undefined) return [];
  const cells = [latency.mean, latency.p50, latency.p99].map((ms) => number(ms).padStart(9));
  return [`  ${name.padEnd(10)}${cells.join('')}  ms`];
}

/** How a model is split: `TP 2 PP 4`; what is 1 is left out, but for tensor parallelism. */
function splitText(deployment: Deployment): string {
  const further = [
    ['PP', deployment.pipelineParallel],
    ['DP', deployment.dataParallel],
    ['EP', deployment.expertParallel],
  ] as const;
  const split = further.filter(([, ways]) => ways > 1).map(([name, ways]) => ` ${name} ${ways}`);
  return `TP ${deployment.tensorParallel}${split.join('')}`;
}

/** What the question was, in a line. */
export function questionLine({ deployment, load }: LoadPoint): string {
  const { model, gpu, engine, quantization, kvFormat } = deployment;
  const offered =
    load.kind === 'closed'
      ? `${load.concurrency} ${load.concurrency === 1 ? 'client' : 'clients'}`
      : load.kind === 'open'
        ? `${load.requestRate} requests/s`
        : 'all at once';
  return `${model.name} on ${gpu.title}, ${engine}, ${splitText(deployment)}, ${quantization} weights, ${kvFormat} cache, ${offered}`;
}

function saturatedText({ saturated, sustainable_rps }: Estimate): string {
  if (!saturated || sustainable_rps !== undefined) return '';
  return '; saturated: requests wait for more than a tenth of their time';
}

/** An open loop that no server of this kind can keep up with. */
function overrunRows({ sustainable_rps: rate }: Estimate): string[] {
  if (rate === undefined) return [];
  return [
    '  saturated  the queue grows without end; TTFT depends on the length of the run',
    `  sustains   ${number(rate)} requests/s at most`,
  ];
}

/** Tokens that are cached at once: of the replica, and of each rank where there are several. */
function capacityText({ kv_capacity_tokens: all, kv_capacity_tokens_per_rank }: Estimate): string {
  if (kv_capacity_tokens_per_rank === undefined) return `${number(all)} tokens`;
  return `${number(kv_capacity_tokens_per_rank)} tokens a rank, ${number(all)} together,`;
}

/** An estimate for people. */
export function estimateTable(point: LoadPoint, estimate: Estimate): string {
  const { memory } = estimate;
  const lines = [
    questionLine(point),
    '',
    `  ${''.padEnd(10)}${['mean', 'p50', 'p99'].map((name) => name.padStart(9)).join('')}`,
    ...row('TTFT', estimate.ttft_ms),
    ...row('TPOT', estimate.tpot_ms),
    // Where each token is sent by itself, gaps are as TPOT says.
    ...((point.server.streamInterval ?? 1) > 1 ? row('ITL', estimate.itl_ms) : []),
    ...row('E2E', estimate.e2e_ms),
    '',
    `  output     ${number(estimate.output_throughput_tok_s)} tokens/s, ${number(estimate.output_throughput_tok_s_per_gpu)} a GPU; ${number(estimate.request_throughput_rps)} requests/s`,
    `  running    ${number(estimate.running_requests)} requests${saturatedText(estimate)}`,
    ...overrunRows(estimate),
    `  bound by   ${BINDS[estimate.binds]}`,
    `  memory     ${['weights', 'activations', 'runtime', 'kv_cache'].map((part) => `${part.replace('_', ' ')} ${number(memory[`${part}_gib`]!)}`).join(', ')} of ${number(memory.total_gib!)} GiB`,
    `  KV cache   ${capacityText(estimate)} of ${number(memory.kv_bytes_per_token!)} bytes`,
    `  obtained   ${confidenceText(estimate)}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** The operators of both kinds of passes, and what comes on top of their kernels. */
export function operatorTables(
  { deployment, isl, osl, host }: LoadPoint,
  { running_requests }: Estimate,
  { prefill, decode }: PassOperators,
): string {
  const context = Math.round(meanLength(isl) + meanLength(osl) / 2);
  const ranks = deployment.dataParallel;
  const requests = Math.max(1, Math.round(running_requests / ranks));
  const ofRank = requests === 1 ? '1 request' : `${requests} requests`;
  const of = ranks === 1 ? ofRank : `${ofRank} on each of ${ranks} ranks`;
  const beside = [
    `${host.perPassMs.toFixed(2)} ms a pass`,
    `${host.perRequestMs.toFixed(3)} ms for each request in it`,
    `${host.frontendMs} ms a request outside the engine`,
  ];
  const prompt = Math.round(meanLength(isl));
  const prefillGraph = graphText(deployment, { prefillTokens: prompt, decodeRequests: 0 });
  const decodeGraph = graphText(deployment, { prefillTokens: 0, decodeRequests: requests });
  return [
    operatorTable(`A prefill pass of one prompt of ${prompt} tokens${prefillGraph}`, prefill),
    operatorTable(`A decode pass of ${of} with ${context} tokens each${decodeGraph}`, decode),
    `On top of the kernels: ${beside.join(', ')}.\n`,
  ].join('\n');
}

/** How a pass is run, where it is not as it is: in a larger CUDA graph, or in none. */
function graphText({ graphs }: Deployment, pass: TokensOfPass): string {
  if (graphs === undefined) return '';
  const tokens = pass.prefillTokens + pass.decodeRequests;
  const padded = tokensOfGraph(graphs, pass);
  if (padded === undefined) return ', without a CUDA graph';
  return padded === tokens ? '' : `, in a CUDA graph of ${padded}`;
}

/** Operators of a pass, the longest first. */
function operatorTable(title: string, operators: readonly OperatorTime[]): string {
  const total = operators.reduce((sum, { ms }) => sum + ms, 0);
  const sorted = [...operators].sort((a, b) => b.ms - a.ms);
  const lines = sorted.map(
    ({ name, count, ms }) =>
      `  ${name.padEnd(18)}${`×${count}`.padStart(6)}${ms.toFixed(3).padStart(10)} ms ${(100 * (ms / total)).toFixed(1).padStart(5)} %  ${bar(ms / total, 20)}`,
  );
  return `${title}: ${total.toFixed(2)} ms\n${lines.join('\n')}\n`;
}

/** One step of a sweep. */
export interface SweepStep {
  readonly concurrency: number;
  readonly estimate: Estimate;
}

/** A sweep for people: a row and a bar a step. */
export function sweepTable(point: LoadPoint, steps: readonly SweepStep[]): string {
  const most = Math.max(...steps.map(({ estimate }) => estimate.output_throughput_tok_s_per_gpu));
  const head = ['clients', 'TTFT ms', 'TPOT ms', 'tok/s/user', 'tok/s/GPU'];
  const lines = steps.map(({ concurrency, estimate }) => {
    const { ttft_ms, tpot_ms, output_throughput_tok_s_per_gpu: perGpu } = estimate;
    const cells = [
      String(concurrency),
      ttft_ms === undefined ? '–' : number(ttft_ms.mean),
      tpot_ms === undefined ? '–' : number(tpot_ms.mean),
      tpot_ms === undefined ? '–' : number(1000 / tpot_ms.mean),
      number(perGpu),
    ];
    const mark = estimate.saturated ? ' saturated' : '';
    return `${cells.map((cell) => cell.padStart(11)).join('')}  ${bar(perGpu / most, 30)}${mark}`;
  });
  const title = questionLine(point).replace(/, [^,]*$/, '');
  const table = [head.map((name) => name.padStart(11)).join(''), ...lines].join('\n');
  // The step with the most clients went the furthest beyond what was measured.
  const last = steps.reduce((most, step) => (step.concurrency > most.concurrency ? step : most));
  return `${title}\n\n${table}\n\nPass times: ${confidenceText(last.estimate)}\n`;
}
