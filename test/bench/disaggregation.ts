import type { UserSource } from '#core/base/user-code.ts';
import { resolveConfig } from '#core/config/resolve.ts';
import type { ConfigInput } from '#core/config/schema.ts';
import type { DisaggregationRule } from '#core/router/disaggregation/user-disaggregation/disaggregation-rule.ts';
import { isBypass } from '#core/router/disaggregation/verdict.ts';
import { run as fly } from '#sim/run.ts';
import { RequestStatus } from '#sim/workload/request-table.ts';
import { sharedPath } from '#test/shared.ts';
import { readTraceFile } from '#traces/files.ts';
import type { LoadedTrace } from '#traces/loaded-trace.ts';
import { judge, printTable } from './support/print.ts';

const WITHIN = 1.05;
const REQUESTS = 4_000;
/** Thresholds of the effective ISL, from nobody to everybody whom the policy lets bypass. */
const ISL = [0, 256, 512, 1_024, 2_048, 4_096, 8_192, 16_384, 32_768, 2_147_483_647];
const RATIOS = [0.7, 1];
const BUSY = [0.125, 0.25, 0.5, 1, 2, 4, 8];

/** Shown wherever they rank: nobody bypasses, Dynamo's default, everybody does. */
const REFERENCES = ['isl < 0', 'isl < 2048, ratio < 0.7', 'isl < 2147483647'];

/** A load and the cluster that it meets. */
interface Shape {
  readonly name: string;
  readonly trace: string;
  readonly prefill: number;
  readonly decode: number;
  readonly workload: NonNullable<ConfigInput['workload']>;
  /** vLLM when absent. */
  readonly backend?: 'sglang';
}

const CONVERSATION = 'conversation_trace.jsonl.gz';
const ARXIV = 'arxiv_mooncake_trace_first1000.jsonl.gz';

const LOADS: readonly Shape[] = [
  {
    name: 'conversation × 1.5',
    trace: CONVERSATION,
    prefill: 3,
    decode: 3,
    workload: { num_requests: REQUESTS, arrival_speedup_ratio: 1.5 },
  },
  {
    name: 'conversation × 3',
    trace: CONVERSATION,
    prefill: 3,
    decode: 5,
    workload: { num_requests: REQUESTS, arrival_speedup_ratio: 3 },
  },
  {
    name: 'conversation × 1.5, few prefill workers',
    trace: CONVERSATION,
    prefill: 2,
    decode: 4,
    workload: { num_requests: REQUESTS, arrival_speedup_ratio: 1.5 },
  },
  {
    name: 'arXiv × 1.5',
    trace: ARXIV,
    prefill: 2,
    decode: 2,
    workload: { arrival_speedup_ratio: 1.5 },
  },
  {
    name: 'conversation, sine',
    trace: CONVERSATION,
    prefill: 3,
    decode: 3,
    workload: {
      num_requests: REQUESTS,
      arrivals: 'poisson',
      rate_shape: { type: 'sine', mean_rps: 5, amplitude_rps: 4, period_s: 300 },
    },
  },
];

/** SGLang sets room aside on the decode worker before it asks for the prefill. */
const SHAPES: readonly Shape[] = [
  ...LOADS,
  ...LOADS.map((load): Shape => ({ ...load, name: `${load.name}, SGLang`, backend: 'sglang' })),
];

const TUNED: Flown = ['self_tuning', { conditional_disagg_policy: 'self_tuning' }];

type RouterInput = NonNullable<ConfigInput['router']>;

interface Outcome {
  readonly name: string;
  readonly e2eMs: number;
  readonly ttftMs: number;
  readonly tpotMs: number;
  readonly bypassed: number;
}

/** A name, what the router is told, and the rule where it is one of a user. */
type Flown = readonly [name: string, router: RouterInput, rule?: DisaggregationRule];

const BENCH: UserSource = {
  file: 'disaggregation.ts',
  placeOf: () => ({ file: 'disaggregation.ts' }),
  placeOfError: () => ({}),
};

function flyOne(trace: LoadedTrace, shape: Shape, [name, router, rule]: Flown): Outcome {
  const config = resolveConfig({
    cluster: {
      pools: [
        { role: 'prefill', workers: shape.prefill },
        { role: 'decode', workers: shape.decode },
      ],
    },
    engine: { backend: shape.backend ?? 'vllm', block_size: 512, num_gpu_blocks: 2_048 },
    kv_transfer: { bytes_per_token: 131_072, bandwidth_gb_s: 50 },
    workload: shape.workload,
    router: { conditional_disagg_enabled: true, ...router },
  });
  const { batches, hasContent, sessions } = trace;
  const { requests, handOffs } = fly({
    config,
    seed: 42,
    batches,
    hasContent,
    sessions,
    ...(rule && { policies: { disaggregate: { rule, source: BENCH } } }),
  });
  let completed = 0;
  let e2e = 0;
  let ttft = 0;
  let tpot = 0;
  let bypassed = 0;
  for (let row = 0; row < requests.count; row++) {
    if (requests.status[row] !== RequestStatus.completed) continue;
    completed++;
    e2e += requests.lastTokenNs[row]! - requests.arrivalNs[row]!;
    ttft += requests.firstTokenNs[row]! - requests.arrivalNs[row]!;
    const tokens = Math.max(1, requests.outputTokens[row]! - 1);
    tpot += (requests.lastTokenNs[row]! - requests.firstTokenNs[row]!) / tokens;
    if (isBypass(handOffs!.verdictOf(row))) bypassed++;
  }
  const ms = (sum: number): number => sum / completed / 1e6;
  return {
    name,
    e2eMs: ms(e2e),
    ttftMs: ms(ttft),
    tpotMs: ms(tpot),
    bypassed: bypassed / completed,
  };
}

/**
 * Every fixed policy of the sweep: Dynamo's three, and lengths alone, which bypass even where nothing
 * of a prompt is cached.
 */
function fixedPolicies(): readonly Flown[] {
  const isl = RATIOS.flatMap((ratio) =>
    ISL.map(
      (tokens): Flown => [
        `isl < ${tokens}, ratio < ${ratio}`,
        {
          conditional_disagg_eff_isl_threshold: tokens,
          conditional_disagg_eff_isl_ratio_threshold: ratio,
        },
      ],
    ),
  );
  const load = BUSY.map(
    (busy): Flown => [
      `load > ${busy}`,
      {
        conditional_disagg_policy: 'prefill_load',
        conditional_disagg_prefill_busy_threshold: busy,
      },
    ],
  );
  const either = [512, 2_048, 8_192].flatMap((tokens) =>
    [1, 4].map(
      (busy): Flown => [
        `isl < ${tokens} or load > ${busy}`,
        {
          conditional_disagg_policy: 'isl_or_load',
          conditional_disagg_eff_isl_threshold: tokens,
          conditional_disagg_eff_isl_ratio_threshold: 1,
          conditional_disagg_prefill_busy_threshold: busy,
        },
      ],
    ),
  );
  const length = ISL.map(
    (tokens): Flown => [
      `isl < ${tokens}`,
      { conditional_disagg_policy: 'policy', policy: 'isl.ts' },
      ({ inputTokens, cachedTokens }) => inputTokens - cachedTokens >= tokens,
    ],
  );
  return [...isl, ...length, ...load, ...either];
}

function cells({ name, e2eMs, ttftMs, tpotMs, bypassed }: Outcome, best: number): string[] {
  return [
    name,
    e2eMs.toFixed(0),
    (e2eMs / best).toFixed(3),
    ttftMs.toFixed(0),
    tpotMs.toFixed(2),
    `${(100 * bypassed).toFixed(0)} %`,
  ];
}

/**
 * Mean E2E of every fixed policy and of the one that tunes itself. The mean counts each millisecond
 * of each request once, before the first token as after it, and has no target of its own to choose.
 */
export async function run(args: readonly string[]): Promise<void> {
  const isShown = (rank: number, name: string): boolean =>
    args.includes('--all') || rank < 3 || REFERENCES.includes(name);
  const names = args.filter((arg) => !arg.startsWith('--'));
  for (const shape of SHAPES.filter(({ name }) => names.every((part) => name.includes(part)))) {
    const path = sharedPath('traces', 'mooncake', shape.trace);
    if (path === undefined) continue;
    const trace = await readTraceFile(path, { format: 'mooncake', traceBlockSize: 512 });
    const fixed = fixedPolicies().map((flown) => flyOne(trace, shape, flown));
    const ranked = fixed.toSorted((a, b) => a.e2eMs - b.e2eMs);
    const best = ranked[0]!.e2eMs;
    const tuned = flyOne(trace, shape, TUNED);
    console.log(`${shape.name}, ${shape.prefill} prefill and ${shape.decode} decode workers:`);
    printTable(
      ['policy', 'mean E2E ms', '÷ best', 'TTFT', 'TPOT', 'bypassed'],
      [...ranked.filter(({ name }, rank) => isShown(rank, name)), tuned].map((outcome) =>
        cells(outcome, best),
      ),
    );
    judge('self_tuning ÷ best fixed', tuned.e2eMs / best, 'most', WITHIN);
  }
}
