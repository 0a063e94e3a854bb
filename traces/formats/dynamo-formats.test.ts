import { expect, test } from 'vitest';
import { detectFormat } from './detect.ts';
import { readLines, rowsOf } from './read-lines.fixture.ts';

const OPEN = { requireTimestamps: false, traceBlockSize: 16 };
const SESSION = {
  num_turns: 2,
  input_prompt_length: 16,
  assistant_response_length: [4, 5],
  tool_call_output_length: [8, 7],
  tool_call_latency: [0.5, 2],
  final_assistant_response_length: 3,
};

test('applied_compute_agentic: each prompt is the one before, its answer and the tool output', () => {
  const { batch, reader } = readLines('applied_compute_agentic', [SESSION, SESSION], OPEN);
  expect(rowsOf(batch).slice(0, 4)).toEqual([
    { session: 'session-1', input: 16, output: 4, ids: [0] },
    { session: 'session-1', delay: 500, input: 28, output: 5, ids: [0, 1] },
    { session: 'session-1', delay: 2_000, input: 40, output: 3, ids: [0, 1, 2] },
    { session: 'session-2', input: 16, output: 4, ids: [3] },
  ]);
  expect(reader).toMatchObject({ sessions: 2, hasContent: true, traceBlockSize: 16 });
});

test.each([
  [{ ...SESSION, num_turns: 3 }, 't:1: assistant_response_length: assistant_response_length has 2'],
  [
    { ...SESSION, tool_call_latency: [1, -1] },
    't:1: tool_call_latency[1]: not a usable number; received -1; allowed: seconds from 0',
  ],
  [{ ...SESSION, input_prompt_length: 0 }, 't:1: input_prompt_length: not a usable number'],
])('applied_compute_agentic refuses %j', (session, message) => {
  expect(() => readLines('applied_compute_agentic', [session], OPEN)).toThrow(message);
});

test('applied_compute_agentic has no arrivals of its own', () => {
  expect(() => readLines('applied_compute_agentic', [SESSION])).toThrow(
    "t:1: applied_compute_agentic has no times of arrival; choose arrivals that are not the trace's",
  );
});

test('mooncake_delta: a follow-up is the prompt before, its answer and what is new', () => {
  const first = {
    timestamp: 0,
    session_id: 'a',
    input_length: 9,
    output_length: 2,
    hash_ids: [1, 2],
  };
  const later = { session_id: 'a', delay: 3, input_length: 6, output_length: 1, hash_ids: [7] };
  const lone = { timestamp: 1, input_length: 8, output_length: 2, hash_ids: [1] };
  const options = { ...OPEN, traceBlockSize: 8 };
  const { batch } = readLines('mooncake_delta', [first, lone, later, later], options);
  expect([...batch.inputTokens.subarray(0, 4)]).toEqual([9, 8, 17, 24]);
  const ids = [0, 1, 2, 3].map((row) => [
    ...batch.hashIds.subarray(batch.hashStart[row]!, batch.hashStart[row + 1]!),
  ]);
  // 17 = 9 + 2 + 6 tokens: the first block is the shared one, the second the session's own.
  const [own, tail, second] = [ids[2]![1], ids[2]![2], ids[3]![2]];
  expect(ids).toEqual([
    [ids[1]![0], ids[0]![1]],
    [ids[1]![0]],
    [ids[1]![0], own, tail],
    [ids[1]![0], own, second],
  ]);
  expect(new Set(ids.flat()).size).toBe(5);
});

test('mooncake_delta counts the ids of what is new, and refuses a prompt that grows too long', () => {
  const first = { timestamp: 0, session_id: 'a', input_length: 9, output_length: 2, hash_ids: [1] };
  const later = { session_id: 'a', delay: 3, input_length: 6, output_length: 1, hash_ids: [7, 8] };
  expect(() => readLines('mooncake_delta', [first, later], OPEN)).toThrow(
    't:2: hash_ids has 2, expected 1',
  );
  const huge = { ...first, output_length: 1_000_000_000 };
  expect(() => readLines('mooncake_delta', [huge, { ...later, hash_ids: [7] }], OPEN)).toThrow(
    't:2: input_length: not a usable number; received 1000000015',
  );
});

function record(
  receivedMs: number,
  totalMs: number,
  hashes: string,
  more: Record<string, unknown> = {},
): string {
  const request = { request_received_ms: receivedMs, total_time_ms: totalMs, output_tokens: 3 };
  const text = JSON.stringify({
    schema: 'dynamo.request.trace.v1',
    event_type: 'request_end',
    event_time_unix_ms: receivedMs + totalMs,
    ...more,
    request: {
      ...request,
      replay: { trace_block_size: 16, input_length: 20, input_sequence_hashes: 0 },
    },
  });
  return text.replace('"input_sequence_hashes":0', `"input_sequence_hashes":[${hashes}]`);
}
const inSession = (session: string) => ({ agent_context: { session_id: session } });

test('dynamo: by start, hashes apart in their last bit, times from the first start', () => {
  const { batch, reader } = readLines('dynamo', [
    record(1_500, 10, '18446744073709551615,18446744073709551614'),
    record(1_000, 900, '18446744073709551615,7'),
    { timestamp: 1, event: { schema: 'dynamo.request.trace.v1', event_type: 'tool_end' } },
  ]);
  expect(rowsOf(batch)).toEqual([
    { timestamp: 0, input: 20, output: 3, ids: [0, 2] },
    { timestamp: 500, input: 20, output: 3, ids: [0, 1] },
  ]);
  expect(reader).toMatchObject({ traceBlockSize: 16, sessions: 0 });
});

test('dynamo: records of an agent session are turns, from end to start', () => {
  const { batch } = readLines('dynamo', [
    record(1_000, 200, '1,2', inSession('a')),
    record(1_250, 50, '1,3', inSession('a')),
  ]);
  expect(rowsOf(batch)[1]).toEqual({
    timestamp: 250,
    delay: 50,
    session: 'a',
    input: 20,
    output: 3,
    ids: [0, 2],
  });
});

test.each([
  [[record(0, 1, '1')], 't:1: input_sequence_hashes: input_sequence_hashes has 1, expected 2'],
  [[record(0, 1, '1,-2')], 't:1: input_sequence_hashes[1]: not a block hash; received -2'],
  [
    [record(0, 1, '1,2'), record(0, 1, '1,2', inSession('a'))],
    't:2: agent_context: some requests have an agent_context and some have none',
  ],
  [
    [record(0, 1, '1,2', { agent_context: { session_id: 'a', parent_session_id: 'b' } })],
    't:1: agent_context.parent_session_id: sessions that start others are not modelled; received "b"',
  ],
  [
    [record(0, 9, '1,2', inSession('a')), record(5, 1, '1,2', inSession('a'))],
    't:2: requests of a session overlap, which is not modelled; received "a start 4 ms before the end of line 1"',
  ],
  [[record(0, 1, '1,2', { event_type: 'other' })], 't:1: event_type: not a known event'],
  [[record(0, 1, '1,2', { schema: 'v2' })], 't:1: schema: not a record of a known schema'],
])('dynamo refuses %j', (lines, message) => {
  expect(() => readLines('dynamo', lines)).toThrow(message);
});

test('all but mooncake_delta are detected', () => {
  const place = { file: 't', line: 1 };
  expect(detectFormat(record(0, 1, '1,2'), place)).toBe('dynamo');
  expect(detectFormat(JSON.stringify(SESSION), place)).toBe('applied_compute_agentic');
});
