import { expect, test } from 'vitest';
import { BURSTGPT_HEADER } from './burstgpt.ts';
import { detectFormat } from './detect.ts';
import { readLines, rowsOf } from './read-lines.fixture.ts';

const BURST = [BURSTGPT_HEADER, '5,ChatGPT,472,18,490,Conversation log'];

test('burstgpt: seconds, request and response tokens', () => {
  const { batch, reader } = readLines('burstgpt', [...BURST, '45.5,GPT-4,87,0,87,API log']);
  expect(rowsOf(batch)).toEqual([
    { timestamp: 5_000, input: 472, output: 18, ids: [] },
    { timestamp: 45_500, input: 87, output: 0, ids: [] },
  ]);
  expect(reader).toMatchObject({ hasContent: false, sessions: 0 });
});

test.each([
  [['Timestamp,Model'], 't:1: not the header of a BurstGPT trace; received "Timestamp,Model"'],
  [[...BURST, '9,GPT-4,1,2'], 't:2'.replace('2', '3: the row has 4 cells, expected 6')],
  [
    [...BURST, '9,GPT-4,1,2,4,API log'],
    't:3: Total tokens: not the sum of request and response tokens; received 4; allowed: 3',
  ],
  [
    [...BURST, '4,GPT-4,1,2,3,API log'],
    't:3: timestamp: time goes back; received "4000 after 5000 in line 2"',
  ],
  [[...BURST, '9,GPT-4,0,2,2,API log'], 't:3: Request tokens: not a usable number; received "0"'],
])('burstgpt refuses %j', (lines, message) => {
  expect(() => readLines('burstgpt', lines)).toThrow(message);
});

const RUN = {
  input_lens: [100, 200, 300],
  output_lens: [3, 2, 0],
  start_times: [10.5, 10, 11],
  errors: ['', '', 'timed out'],
};

test('vllm_bench: by start, failed requests dropped and counted', () => {
  const { batch, reader } = readLines('vllm_bench', [RUN]);
  expect(rowsOf(batch)).toEqual([
    { timestamp: 0, input: 200, output: 2, ids: [] },
    { timestamp: 500, input: 100, output: 3, ids: [] },
  ]);
  expect(reader.notes).toEqual(['1 failed requests dropped']);
});

test('vllm_bench: without start times the order of the file, if arrivals are not its own', () => {
  const { start_times: _, ...run } = RUN;
  expect(() => readLines('vllm_bench', [run])).toThrow(
    't:1: start_times: the run has no start times; save it with a newer vLLM and --save-detailed',
  );
  const { batch } = readLines('vllm_bench', [run], { requireTimestamps: false });
  expect(rowsOf(batch)[0]).toEqual({ input: 100, output: 3, ids: [] });
});

test.each([
  [[RUN, RUN], 't:2: a second run after the one in line 1; keep one run a file'],
  [[{ ...RUN, output_lens: [1] }], 't:1: output_lens: output_lens has 1, expected 3'],
  [
    [{ ...RUN, input_lens: [1, 'x', 2] }],
    't:1: input_lens[1]: not a usable number; received "x"; allowed: an integer from 1',
  ],
  [[{}], 't:1: input_lens: not an array; received "nothing"'],
])('vllm_bench refuses %j', (lines, message) => {
  expect(() => readLines('vllm_bench', lines)).toThrow(message);
});

function record(
  startMs: number,
  endMs: number,
  metadata: Record<string, unknown> = {},
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    metadata: {
      request_start_ns: 1_759_813_207_000_000_000 + startMs * 1_000_000,
      request_end_ns: 1_759_813_207_000_000_000 + endMs * 1_000_000,
      benchmark_phase: 'profiling',
      turn_index: 0,
      ...metadata,
    },
    metrics: {
      input_sequence_length: { value: 550, unit: 'tokens' },
      output_sequence_length: { value: 9, unit: 'tokens' },
    },
    error: null,
    ...more,
  };
}

test('aiperf: records stand by their end, rows by their start; think time is end to start', () => {
  const { batch, reader } = readLines('aiperf', [
    record(100, 200, { x_correlation_id: 'alone' }),
    record(0, 300, { x_correlation_id: 'pair' }),
    record(350, 400, { x_correlation_id: 'pair', turn_index: 1 }),
    record(10, 20, {}, { error: { code: 499 }, metrics: null }),
    record(1, 2, { benchmark_phase: 'warmup' }),
  ]);
  expect(rowsOf(batch)).toEqual([
    { timestamp: 0, session: 'pair', input: 550, output: 9, ids: [] },
    { timestamp: 100, input: 550, output: 9, ids: [] },
    { timestamp: 350, delay: 50, session: 'pair', input: 550, output: 9, ids: [] },
  ]);
  expect(reader.notes).toEqual([
    '1 failed requests dropped',
    '1 requests outside the profiling phase dropped',
  ]);
});

test.each([
  [[{ metrics: {} }], 't:1: metadata: not an object; received "nothing"'],
  [[record(0, 1, { request_start_ns: -1 })], 't:1: request_start_ns: not a usable number'],
  [
    [record(0, 1, {}, { metrics: { input_sequence_length: { value: 1 } } })],
    't:1: output_sequence_length: not an object; received "nothing"',
  ],
  [
    [
      record(0, 90, { x_correlation_id: 'a' }),
      record(50, 99, { x_correlation_id: 'a', turn_index: 1 }),
    ],
    't:2: metadata.request_start_ns: the turn starts before the one before it has ended; received "turn 1 after turn 0 in line 1"',
  ],
])('aiperf refuses %j', (lines, message) => {
  expect(() => readLines('aiperf', lines)).toThrow(message);
});

test.each([
  [JSON.stringify(RUN), 'vllm_bench'],
  [JSON.stringify(record(0, 1)), 'aiperf'],
  ['{"input_chars": 5}', 'lmcache'],
  ['{"hash_id_scope": "local", "requests": []}', 'weka'],
  [BURSTGPT_HEADER.toUpperCase(), 'burstgpt'],
  ['{"hash_ids": []}', 'mooncake'],
  ['{"cut off', 'mooncake'],
])('detects %s', (line, format) => {
  expect(detectFormat(line, { file: 't', line: 1 })).toBe(format);
});
