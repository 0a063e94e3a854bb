import { groupContradictions } from './cluster-contradictions.ts';
import type { Contradiction } from './contradiction.ts';
import { networkContradictions } from './network-contradictions.ts';
import { policyFileContradictions } from './policy-file/policy-contradictions.ts';
import type { PolicyFile } from './policy-file/policy-schema.ts';
import { poolContradictions, writes } from './pool-contradictions.ts';
import { poolsOf } from './pools.ts';
import { scheduleContradictions } from './schedule-contradictions.ts';
import type { EngineConfig, TimingConfig, ValidatedConfig } from './schema.ts';
import { workloadContradictions } from './workload-contradictions.ts';

/** Whether the user wrote a key, in the file or with `--set`. */
export type IsWritten = (path: string) => boolean;

/** All contradictions of a config whose single values are valid. */
export function contradictions(
  config: ValidatedConfig,
  policy: PolicyFile | undefined,
  isWritten: IsWritten,
): readonly Contradiction[] {
  const found = [
    ...workloadContradictions(config.workload),
    ...sloContradictions(config),
    ...aliasContradictions(config, isWritten),
    ...policyFileContradictions(config.router, policy),
    ...poolContradictions(config),
    ...networkContradictions(config),
    ...scheduleContradictions(config),
  ];
  for (const { entry, config: view } of poolsOf(config)) {
    const place = entry && `cluster.pools[${config.cluster.pools!.indexOf(entry)}]`;
    found.push(...groupContradictions(view, place));
    for (const fault of contradictionsOfWorkers(view)) {
      const path =
        entry !== undefined && writes(entry, fault.path) ? `${place}.${fault.path}` : fault.path;
      if (!found.some((other) => other.path === path)) found.push({ ...fault, path });
    }
  }
  return found;
}

/** What contradicts itself in workers that are alike. */
function contradictionsOfWorkers(config: ValidatedConfig): readonly Contradiction[] {
  return [
    ...policyContradictions(config),
    ...timingContradictions(config.engine.timing),
    ...pageContradictions(config.engine),
    ...speculationContradictions(config.engine),
    ...hostContradictions(config.engine),
    ...bypassContradictions(config.router),
  ];
}

function sloContradictions({ slo }: ValidatedConfig): readonly Contradiction[] {
  if (slo.e2e_ms === undefined) return [];
  const others = (['ttft_ms', 'itl_ms'] as const).filter((key) => slo[key] !== undefined);
  if (others.length === 0) return [];
  const names = others.map((key) => `slo.${key}`).join(' and ');
  return [
    {
      path: 'slo.e2e_ms',
      why: `goodput is judged by the whole request or by its phases, and ${names} is set too`,
      remedy: `leave out slo.e2e_ms, or ${names}`,
    },
  ];
}

function aliasContradictions(
  { router }: ValidatedConfig,
  isWritten: IsWritten,
): readonly Contradiction[] {
  const weight = router.overlap_score_weight;
  if (weight === undefined) return [];
  const rivals = ['router.prefill_load_scale'];
  if (weight === 0) rivals.push('router.overlap_score_credit');
  return rivals.filter(isWritten).map((rival) => ({
    path: 'router.overlap_score_weight',
    why: `it is the old name of ${rival}, which is set too`,
    remedy: 'leave router.overlap_score_weight out',
  }));
}

/** Pages of SGLang and blocks of the others. */
function pageContradictions(engine: EngineConfig): readonly Contradiction[] {
  const { backend, block_size, chunked_prefill_size } = engine;
  if (backend !== 'sglang') {
    if (block_size > 1) return [];
    return [
      {
        path: 'engine.block_size',
        why: 'only SGLang has blocks of one token',
        remedy: 'set it to 2 or more, or engine.backend to sglang',
      },
    ];
  }
  if (chunked_prefill_size % block_size === 0) return [];
  return [
    {
      path: 'engine.chunked_prefill_size',
      why: `its ${chunked_prefill_size} tokens are no whole number of pages of ${block_size}`,
      remedy: 'make it a multiple of engine.block_size',
    },
  ];
}

function speculationContradictions(engine: EngineConfig): readonly Contradiction[] {
  const { num_speculative_tokens: drafts } = engine;
  if (drafts === undefined) return [];
  const found: Contradiction[] = [];
  const tokens = engine.max_num_seqs * (1 + drafts);
  if (engine.backend !== 'sglang' && tokens > engine.max_num_batched_tokens) {
    found.push({
      path: 'engine.num_speculative_tokens',
      why: `${engine.max_num_seqs} requests with ${drafts} drafts each take ${tokens} tokens of a pass that has ${engine.max_num_batched_tokens}`,
      remedy: 'raise engine.max_num_batched_tokens, or lower engine.max_num_seqs',
    });
  }
  if (engine.decode_speedup_ratio !== 1) {
    found.push({
      path: 'engine.decode_speedup_ratio',
      why: 'it stands for the gain of speculation, which engine.num_speculative_tokens models',
      remedy: 'leave one of the two out',
    });
  }
  return found;
}

/** What the host takes, said twice. */
function hostContradictions(engine: EngineConfig): readonly Contradiction[] {
  if (engine.calibration === undefined) return [];
  const said = (['host_overhead_ms', 'host_overhead_per_request_us'] as const).filter(
    (key) => engine[key] > 0,
  );
  return said.map((key) => ({
    path: `engine.${key}`,
    why: 'what the host takes is in engine.calibration, too',
    remedy: 'leave one of the two out',
  }));
}

/** What tells where prompts are prefilled, incomplete or upside down. */
function bypassContradictions(router: ValidatedConfig['router']): readonly Contradiction[] {
  const { conditional_disagg_policy: policy, conditional_disagg_enabled: isEnabled } = router;
  if (!isEnabled) return [];
  if (policy === 'self_tuning') {
    const least = router.conditional_disagg_tuned_least_tokens;
    const most = router.conditional_disagg_tuned_most_tokens;
    if (least <= most) return [];
    return [
      {
        path: 'router.conditional_disagg_tuned_least_tokens',
        why: `the threshold is to be at least ${least} and at most ${most} tokens`,
        remedy: 'lower it, or raise router.conditional_disagg_tuned_most_tokens',
      },
    ];
  }
  const judgesLoad = policy === 'prefill_load' || policy === 'isl_or_load';
  const threshold = router.conditional_disagg_prefill_busy_threshold;
  if (!judgesLoad || (threshold ?? router.router_queue_threshold) !== undefined) return [];
  return [
    {
      path: 'router.conditional_disagg_policy',
      why: `${policy} judges prefill workers by their load, and nothing says from where on they are busy`,
      remedy:
        'set router.conditional_disagg_prefill_busy_threshold, such as 1 for a full pass, or router.router_queue_threshold',
    },
  ];
}

/** What is to come from a policy file, without one; or its digest, without the file. */
function policyContradictions({ router, engine }: ValidatedConfig): readonly Contradiction[] {
  if (router.policy !== undefined) return [];
  const asking = [
    ['router.mode', router.mode],
    ['router.router_queue_policy', router.router_queue_policy],
    ['router.conditional_disagg_policy', router.conditional_disagg_policy],
    ['engine.kv_eviction_policy', engine.kv_eviction_policy],
  ] as const;
  const orphans = asking.filter(([, value]) => value === 'policy').map(([path]) => path as string);
  if (router.policy_sha256 !== undefined) orphans.push('router.policy_sha256');
  return orphans.map((path) => ({
    path,
    why: 'there is no policy file',
    remedy: 'name one with --policy or router.policy',
  }));
}

function timingContradictions(timing: TimingConfig): readonly Contradiction[] {
  if (timing.type !== 'table') return [];
  return [
    ...rowContradictions('engine.timing.prefill', timing.prefill),
    ...rowContradictions('engine.timing.decode', timing.decode),
  ];
}

/** The first row that breaks the order; what follows it is seldom news. */
function rowContradictions(
  path: string,
  rows: readonly (readonly [number, number])[],
): readonly Contradiction[] {
  for (let index = 1; index < rows.length; index++) {
    const [tokens, ms] = rows[index]!;
    const [tokensBefore, msBefore] = rows[index - 1]!;
    if (tokens <= tokensBefore) {
      return [
        {
          path: `${path}[${index}]`,
          why: `its tokens do not exceed the ${tokensBefore} of the row before`,
          remedy: 'sort the rows by tokens and keep one for each count',
        },
      ];
    }
    if (ms < msBefore) {
      return [
        {
          path: `${path}[${index}]`,
          why: `more tokens take less time than the ${msBefore} ms of the row before`,
          remedy: 'measure again, or smooth the table',
        },
      ];
    }
  }
  return [];
}
