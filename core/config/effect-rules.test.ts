import { expect, test } from 'vitest';
import { resolveConfig } from './resolve.ts';
import { parseAssignment, parseSetOption } from './set-option.ts';

function resolveSets(...texts: readonly string[]): () => unknown {
  return () => resolveConfig({}, texts.map(parseSetOption));
}

test.each([
  ['router.router_track_prefill_tokens=false', 'router.router_queue_threshold=2'],
  ['router.router_track_prefill_tokens=false', 'router.active_prefill_tokens_threshold=2'],
  ['router.router_track_prefill_tokens=false', 'router.active_prefill_tokens_threshold_frac=2'],
  ['router.mode=random', 'router.active_prefill_tokens_threshold=2'],
  ['engine.enable_prefix_caching=false', 'router.kv_event_lag_ms=5'],
  ['engine.enable_prefix_caching=false', 'router.overlap_score_credit=2'],
  ['engine.enable_prefix_caching=false', 'router.overlap_score_credit_decay=0.5'],
])('with %s, %s has no effect', (condition, key) => {
  expect(resolveSets(condition, key)).toThrow(`${key.split('=')[0]}: has no effect`);
  expect(resolveSets(key)).not.toThrow();
});

test('an error names the flag that was typed', () => {
  const varied = parseAssignment('cluster.workers=0', '--vary');
  expect(() => resolveConfig({}, [varied])).toThrow('--vary: cluster.workers: bad value');
  const unknown = parseAssignment('cluster.wokers=0', '--vary');
  expect(() => resolveConfig({}, [unknown])).toThrow('--vary: cluster.wokers: unknown key');
});
