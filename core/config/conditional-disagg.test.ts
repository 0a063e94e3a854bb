import { expect, test } from 'vitest';
import { writableConfig } from './effect.ts';
import { poolsOf } from './pools.ts';
import { resolveConfig } from './resolve.ts';
import type { ConfigInput } from './schema.ts';

type RouterInput = NonNullable<ConfigInput['router']>;
type PoolInput = NonNullable<NonNullable<ConfigInput['cluster']>['pools']>[number];
type PoolRouter = NonNullable<PoolInput['router']>;

const POOLS = [
  { role: 'prefill', workers: 2 },
  { role: 'decode', workers: 3 },
] as const;

/** The config of a cluster that may prefill on decode workers. */
function disaggregated(router: RouterInput, ofDecode?: PoolRouter): ConfigInput {
  const [prefill, decode] = POOLS;
  const own = ofDecode === undefined ? decode : { ...decode, router: ofDecode };
  return { cluster: { pools: [prefill, own] }, router };
}

function problemOf(config: ConfigInput): string {
  try {
    resolveConfig(config);
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
}

const ENABLED = { conditional_disagg_enabled: true };

test('without pools of prefill and decode workers nothing of it has an effect', () => {
  for (const router of [ENABLED, { conditional_disagg_eff_isl_threshold: 9 }]) {
    expect(problemOf({ router })).toMatch(
      /has no effect: every worker prefills the prompts of its requests itself; .*leave it out, or set cluster.pools/,
    );
  }
});

test.each<[RouterInput, string]>([
  [
    { conditional_disagg_eff_isl_threshold: 9 },
    'eff_isl_threshold: has no effect: no request is asked where its prompt is prefilled',
  ],
  [
    {
      ...ENABLED,
      conditional_disagg_policy: 'self_tuning',
      conditional_disagg_eff_isl_threshold: 9,
    },
    'eff_isl_threshold: has no effect: the policy does not go by the length',
  ],
  [
    { ...ENABLED, conditional_disagg_prefill_busy_threshold: 2 },
    'prefill_busy_threshold: has no effect: the policy has no threshold for the load',
  ],
  [
    { ...ENABLED, conditional_disagg_tuning_interval_ms: 2 },
    'tuning_interval_ms: has no effect: only thresholds that tune themselves read it',
  ],
  [
    {
      ...ENABLED,
      conditional_disagg_decode_busy_threshold: 0.9,
      router_track_active_blocks: false,
    },
    'decode_busy_threshold: has no effect: blocks of requests under way are not tracked',
  ],
  [{ ...ENABLED, mode: 'round_robin' }, 'has no effect: only the KV router reads it'],
  [
    { ...ENABLED, conditional_disagg_policy: 'prefill_load' },
    'conditional_disagg_policy: impossible: prefill_load judges prefill workers by their load, and nothing says',
  ],
  [
    { ...ENABLED, conditional_disagg_policy: 'policy' },
    'conditional_disagg_policy: impossible: there is no policy file',
  ],
  [
    {
      ...ENABLED,
      conditional_disagg_policy: 'self_tuning',
      conditional_disagg_tuned_least_tokens: 9,
      conditional_disagg_tuned_most_tokens: 8,
    },
    'tuned_least_tokens: impossible: the threshold is to be at least 9 and at most 8 tokens',
  ],
])('%j is refused', (router, problem) => {
  expect(problemOf(disaggregated(router))).toContain(problem);
});

test('the router in front of the decode workers reads it, and no other', () => {
  expect(problemOf(disaggregated({}, ENABLED))).toBe('accepted');
  const [prefill, decode] = POOLS;
  const pools = [{ ...prefill, router: ENABLED }, decode];
  expect(problemOf({ cluster: { pools } })).toContain(
    'cluster.pools[0].router.conditional_disagg_enabled: has no effect',
  );
});

test('either threshold tells when a prefill worker is busy', () => {
  const load: RouterInput = { ...ENABLED, conditional_disagg_policy: 'prefill_load' };
  for (const threshold of [
    { conditional_disagg_prefill_busy_threshold: 1 },
    { router_queue_threshold: 1 },
  ]) {
    expect(problemOf(disaggregated({ ...load, ...threshold }))).toBe('accepted');
  }
});

test('a router that is asked where to prefill looks at prompts and KV events', () => {
  const decode = (router: RouterInput) =>
    poolsOf(resolveConfig(disaggregated(router))).find(({ role }) => role === 'decode')!.config;
  expect(decode({}).router).toMatchObject({ overlap_score_credit: 0 });
  expect(decode({ ...ENABLED, overlap_score_credit: 0.5 }).router).toMatchObject({
    overlap_score_credit: 0.5,
    router_assume_kv_reuse: true,
    router_track_prefill_tokens: true,
  });
  const lag = { kv_event_lag_ms: 5 };
  expect(problemOf(disaggregated({}, lag))).toContain('decode workers publish no KV events');
  expect(problemOf(disaggregated(ENABLED, lag))).toBe('accepted');
});

test('what is written down resolves to the same config', () => {
  const config = resolveConfig(
    disaggregated({ ...ENABLED, conditional_disagg_policy: 'self_tuning' }),
  );
  expect(resolveConfig(writableConfig(config))).toEqual(config);
});
