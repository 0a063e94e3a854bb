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

test('it says how far the journal is, or where and why it has ended', () => {
  const file = { pool: 'w', file: 'run.journal.jsonl', written_bytes: 7, waiting_bytes: 3 };
  const journal = (fault: string | null) => ({ journal: [{ ...file, fault }] });
  expect(textOf(journal(null))).toContain('journal    run.journal.jsonl, 7 bytes written, 3 wait');
  expect(textOf(journal('ENOSPC'))).toContain('has ended at run.journal.jsonl: ENOSPC');
});

test('it says where engines come from, who does not serve, and what places have to complain of', () => {
  const rank = { rank: 0, available: true, active_requests: 2, prefill_tokens: 0 };
  const ranks = [{ ...rank, active_blocks: 4, cached_blocks: 8 }];
  const engine = { backend: 'vllm', role: 'aggregated', url: 'http://h:1', worker: 0, ranks };
  const file = { origin: 'file', place: 'e.yaml', state: 'failing', engines: 2 };
  const kept = { origin: 'file', url: 'http://h:1' };
  const text = textOf({
    engines: [{ ...engine, name: 'a' }],
    discovery: {
      sources: [{ ...file, problem: 'no YAML', left_out: [{ name: 'd', why: 'no HTTP' }] }],
      engines: [
        { ...kept, name: 'a', state: 'leaving' },
        { ...kept, name: 'b', state: 'asking' },
        { ...kept, name: 'c', state: 'refused', problem: 'other blocks' },
      ],
    },
  });
  expect(text).toMatch(/a +0 +aggregated +file +leaving +2 +0 +4 +8/);
  expect(text.split('\n').slice(-4)).toEqual([
    'b (file) at http://h:1 does not answer yet',
    'c (file) at http://h:1 is left out: other blocks',
    'discovery by file fails: no YAML',
    'd (file) is left out: no HTTP',
  ]);
});
