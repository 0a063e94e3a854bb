import { expect, test } from 'vitest';
import { TraceCollector } from '../collector.ts';
import type { LoadedTrace } from '../loaded-trace.ts';
import { inspectTrace } from './inspect-trace.ts';
import { inspectionJson } from './inspection-json.ts';

function load(text: string): LoadedTrace {
  const collector = new TraceCollector('t', { format: 'auto', traceBlockSize: 4 });
  collector.push(new TextEncoder().encode(text));
  return collector.finish('abc');
}

test('the JSON has the names that scripts rely on', () => {
  const rows = [
    '{"timestamp": 0, "session_id": "a", "input_length": 8, "output_length": 2, "hash_ids": [1, 2]}',
    '{"timestamp": 500, "input_length": 3, "output_length": 1, "hash_ids": [7]}',
    '{"session_id": "a", "delay": 40, "input_length": 10, "output_length": 3, "hash_ids": [1, 2, 3]}',
  ];
  const json = JSON.parse(JSON.stringify(inspectionJson(inspectTrace(load(rows.join('\n')), 4))));
  expect(json).toMatchObject({
    version: 1,
    trace: { path: 't', sha256: 'abc', format: 'mooncake', requests: 3, trace_block_size: 4 },
    input_tokens: { n: 3, mean: 7, p50: 8, max: 10 },
    arrivals: { n: 2, rate_rps: 4, time_resolution_ms: 500 },
    sessions: {
      sessions: 1,
      requests_without_session: 1,
      turns: { p50: 2 },
      delay_ms: { n: 1, max: 40 },
    },
    infinite_cache: { hit_blocks: 2, total_blocks: 6, hit_ratio: 1 / 3, unique_blocks: 4 },
    blocks_for_90_percent_of_ceiling: 3,
  });
  expect(json.working_set.at(-1)).toEqual({ blocks: 4, hit_blocks: 2, hit_ratio: 1 / 3 });
});

test('what a trace does not know is absent', () => {
  const csv = 'TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46,3,4\n';
  const json = inspectionJson(inspectTrace(load(csv), 4));
  for (const key of [
    'sessions',
    'infinite_cache',
    'working_set',
    'blocks_for_90_percent_of_ceiling',
  ])
    expect(json).not.toHaveProperty(key);
});
