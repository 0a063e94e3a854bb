import { expect, test } from 'vitest';
import { statusLines } from './status-lines.ts';

const status = {
  uptime_s: 5,
  mode: 'kv_router',
  block_size: 64,
  engines: [],
  books: { requests: 0, queued: 0, sessions: 0, forest_nodes: 0 },
  routed: 0,
  routed_after_waiting: 0,
  left_before_routed: 0,
  refused: {},
  hit_rate: null,
};
const textOf = (further: object) => statusLines('URL', { ...status, ...further }).join('\n');

test('without a hit rate it says whether nothing was routed, or prompts without a full block', () => {
  expect(textOf({})).toContain('hit rate   nothing routed yet');
  expect(textOf({ routed: 2 })).toContain(
    'hit rate   no full blocks yet: every prompt was below 64 tokens',
  );
});

test('what unverified means is said where an engine is', () => {
  const feed = (state: string) => ({ kv_events: [{ name: 'a', rank: 0, state }] });
  expect(textOf(feed('unverified'))).toContain('unverified: no KV event is known to be missing');
  expect(textOf(feed('exact'))).not.toContain('unverified');
});
