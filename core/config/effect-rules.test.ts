import { expect, test } from 'vitest';
import { resolveConfig } from './resolve.ts';
import { parseAssignment, parseSetOption } from './set-option.ts';

function resolveSets(...texts: readonly string[]): () => unknown {
  return () => resolveConfig({}, texts.map(parseSetOption));
}

test.each([
  ['router.router_track_prefill_tokens=false', 'router.router_queue_threshold=2'],
  ['router.router_track_prefill_tokens=false', 'router.active_prefill_tokens_threshold=2'],
  ['router.router_track_prefill_tokens=false', 'router.cost_without=prefill_load'],
  ['router.prefill_load_scale=0', 'router.cost_without=prefill_load'],
  ['router.router_track_active_blocks=false', 'router.cost_without=active_blocks'],
  ['router.cost_model=v1.0', 'router.cost_without=active_blocks'],
  ['router.router_track_prefill_tokens=false', 'router.active_prefill_tokens_threshold_frac=2'],
  ['router.mode=random', 'router.active_prefill_tokens_threshold=2'],
  ['router.mode=random', 'router.overlap_score_credit=2'],
  ['router.router_track_active_blocks=false', 'router.router_track_output_blocks=true'],
  ['router.router_track_active_blocks=false', 'router.router_assume_kv_reuse=false'],
  ['router.router_track_prefill_tokens=false', 'router.router_prefill_load_model=timing'],
  ['compat=dynamo-1.6', 'router.router_active_request_expiry_secs=60'],
  ['router.use_kv_events=false', 'router.router_predicted_ttl_secs=5'],
  ['router.use_kv_events=false', 'router.kv_event_lag_ms=5'],
  ['router.use_kv_events=false', 'router.kv_event_loss_ratio=0.1'],
  ['engine.enable_prefix_caching=false', 'router.kv_event_duplicate_ratio=0.1'],
  ['engine.enable_prefix_caching=false', 'router.kv_event_lag_ms=5'],
  ['engine.enable_prefix_caching=false', 'router.overlap_score_credit=2'],
  ['engine.enable_prefix_caching=false', 'router.overlap_score_credit_decay=0.5'],
])('with %s, %s has no effect', (condition, key) => {
  expect(resolveSets(condition, key)).toThrow(`${key.split('=')[0]}: has no effect`);
  expect(resolveSets(key)).not.toThrow();
});

test.each([
  ['router.router_ttl_secs=9', 'router.use_kv_events=false'],
  ['router.router_approximate_cache_policy=lru', 'router.use_kv_events=false'],
  ['router.agent_hints_osl=true', 'router.router_track_output_blocks=true'],
])('%s needs %s', (key, condition) => {
  expect(resolveSets(key)).toThrow(`${key.split('=')[0]}: has no effect`);
  expect(resolveSets(condition, key)).not.toThrow();
});

test('a size policy reads no time to live', () => {
  const sets = ['router.use_kv_events=false', 'router.router_approximate_cache_policy=lru'];
  expect(resolveSets(...sets, 'router.router_ttl_secs=9')).toThrow(
    'router_ttl_secs: has no effect',
  );
});

test('what only one mode reads needs that mode', () => {
  const ratio = 'router.encoder_cuda_to_cpu_ratio=4';
  const groups = 'cluster.groups=[{count: 3}, {count: 1, device: cpu}]';
  expect(resolveSets(ratio)).toThrow('router.encoder_cuda_to_cpu_ratio: has no effect');
  expect(resolveSets(groups)).toThrow(
    'cluster.groups[1].device: impossible: only the mode device_aware_weighted reads it',
  );
  expect(resolveSets('router.mode=device_aware_weighted', ratio, groups)).not.toThrow();
});

test('an error names the flag that was typed', () => {
  const varied = parseAssignment('cluster.workers=0', '--vary');
  expect(() => resolveConfig({}, [varied])).toThrow('--vary: cluster.workers: bad value');
  const unknown = parseAssignment('cluster.wokers=0', '--vary');
  expect(() => resolveConfig({}, [unknown])).toThrow('--vary: cluster.wokers: unknown key');
});
