import { expect, test } from 'vitest';
import { TraceBatch } from '../batch.ts';
import { MooncakeReader } from './mooncake.ts';

function read(lines: readonly string[], requireTimestamps = true): TraceBatch {
  const reader = new MooncakeReader({ file: 't.jsonl', traceBlockSize: 512, requireTimestamps });
  const batch = new TraceBatch();
  for (const [index, text] of lines.entries()) reader.readLine(text, index + 1, batch);
  return batch;
}

function row(fields: Record<string, unknown>): string {
  return JSON.stringify({ timestamp: 0, output_length: 4, hash_ids: [1, 2], ...fields });
}

test('reads every field into its column', () => {
  const batch = read([
    '{"timestamp": 0, "input_length": 700, "output_length": 5, "hash_ids": [0, 4294967295], "session_id": "a", "request_id": 7, "tenant": "free", "policy_class": "batch", "priority": -3, "strict_priority": 2}',
    '{"session_id": "a", "delay": 50.5, "input_tokens": 512, "output_tokens": 0, "hash_ids": [9], "note": {"any": 1}}',
    '{"created_time": 10, "output_length": 1, "hash_ids": [5, 6, 7], "session_id": null}',
  ]);
  expect(batch.count).toBe(3);
  expect([...batch.inputTokens.subarray(0, 3)]).toEqual([700, 512, 1_536]);
  expect([...batch.outputTokens.subarray(0, 3)]).toEqual([5, 0, 1]);
  expect([...batch.timestampMs.subarray(0, 3)]).toEqual([0, Number.NaN, 10]);
  expect([...batch.delayMs.subarray(0, 3)]).toEqual([Number.NaN, 50.5, Number.NaN]);
  expect([...batch.hashStart.subarray(0, 4)]).toEqual([0, 2, 3, 6]);
  expect([...batch.hashIds.subarray(0, 6)]).toEqual([0, 4_294_967_295, 9, 5, 6, 7]);
  expect(batch.sessionId).toEqual(['a', 'a', undefined]);
  expect(batch.requestId).toEqual(['7', undefined, undefined]);
  expect(batch.tenantId).toEqual(['free', undefined, undefined]);
  expect(batch.policyClass).toEqual(['batch', undefined, undefined]);
  expect([batch.priority[0], batch.strictPriority[0], batch.priority[1]]).toEqual([-3, 2, 0]);
  expect([...batch.line.subarray(0, 3)]).toEqual([1, 2, 3]);
});

test('think time may be left to two timestamps, and turns may stand after later arrivals', () => {
  const batch = read([
    row({ session_id: 'a', timestamp: 5 }),
    row({ session_id: 'b', timestamp: 90 }),
    row({ session_id: 'a', timestamp: 60 }),
    row({ timestamp: 90 }),
  ]);
  expect(batch.count).toBe(4);
});

test('without trace arrivals a first turn needs no timestamp', () => {
  expect(read(['{"output_length": 1, "hash_ids": [1]}'], false).timestampMs[0]).toBeNaN();
});

// One line an error, as a user sees it: the wording is looked at when it changes.
test.each([
  [
    ['{"timestamp": 0, "input_len'],
    't.jsonl:1: the line is not JSON; received "{\\"timestamp\\": 0, \\"input_len"; each line holds one JSON object; is the file cut off or edited?',
  ],
  [
    ['[1]'],
    't.jsonl:1: the line is not a JSON object; received "an array"; each line holds one request: {"timestamp", "input_length", "output_length", "hash_ids"}',
  ],
  [
    ['{"timestamp": NaN}'],
    't.jsonl:1: the line is not JSON; received "{\\"timestamp\\": NaN}"; each line holds one JSON object; is the file cut off or edited?',
  ],
  [
    [row({ input_length: 1_900, hash_ids: [1, 2, 3] })],
    't.jsonl:1: hash_ids has 3, expected 4 for input_length 1,900 at block 512; one id stands for one block of the prompt; check --trace-block-size',
  ],
  [
    [row({ input_length: 100, hash_ids: [1, 2] })],
    't.jsonl:1: hash_ids has 2, expected 1 for input_length 100 at block 512; one id stands for one block of the prompt; check --trace-block-size (64 would fit this row)',
  ],
  [
    [row({ input_length: -5 })],
    't.jsonl:1: input_length: not a usable number; received -5; allowed: an integer from 1 to 1,000,000,000',
  ],
  [
    [row({ input_length: 1e15 })],
    't.jsonl:1: input_length: not a usable number; received 1000000000000000; allowed: an integer from 1 to 1,000,000,000',
  ],
  [
    ['{"timestamp": 0, "output_length": 1e999, "hash_ids": [1]}'],
    't.jsonl:1: output_length: not a usable number; received Infinity; allowed: an integer from 0 to 1,000,000,000',
  ],
  [
    [row({ output_length: 2.5 })],
    't.jsonl:1: output_length: not a usable number; received 2.5; allowed: an integer from 0 to 1,000,000,000',
  ],
  [
    [row({ output_length: '4' })],
    't.jsonl:1: output_length: not a usable number; received "4"; allowed: an integer from 0 to 1,000,000,000',
  ],
  [
    [row({ output_length: undefined })],
    't.jsonl:1: output_length: the row says no output length; add output_length, the tokens that the request generates',
  ],
  [
    [row({ output_tokens: 5 })],
    't.jsonl:1: output_length and output_tokens mean the same and differ; received "4 and 5"; keep one of them',
  ],
  [
    [row({ hash_ids: [] })],
    't.jsonl:1: input_length: not a usable number; received 0; allowed: an integer from 1 to 1,000,000,000',
  ],
  [
    [row({ hash_ids: [1, -2] })],
    't.jsonl:1: hash_ids[1]: not a block id; received -2; allowed: an integer from 0 to 4,294,967,295; number the distinct blocks from 0 if the ids are hashes of more bits',
  ],
  [
    [row({ hash_ids: [4_294_967_296] })],
    't.jsonl:1: hash_ids[0]: not a block id; received 4294967296; allowed: an integer from 0 to 4,294,967,295; number the distinct blocks from 0 if the ids are hashes of more bits',
  ],
  [
    [row({ hash_ids: '1 2' })],
    't.jsonl:1: hash_ids: not an array; received "1 2"; give the ids of the prompt\'s blocks, or use a format without content (azure)',
  ],
  [
    ['{"schema": "agentic"}'],
    't.jsonl:1: hash_ids: the row has no hash_ids; this looks like the header of another format; leave --trace-format out, or name that format',
  ],
  [
    ['{"engine": "quiet", "settings": {}, "load": {}}'],
    't.jsonl:1: hash_ids: the row has no hash_ids; this looks like a recording of a server; windtunnel calibrate --check flies it beside what was measured',
  ],
  [
    [row({ timestamp: -1 })],
    't.jsonl:1: timestamp: not a usable number; received -1; allowed: milliseconds, a finite number from 0',
  ],
  [
    [row({ timestamp: 9 }), row({ timestamp: 7 })],
    't.jsonl:2: timestamp: time goes back; received "7 after 9 in line 1"; sort the rows by timestamp',
  ],
  [
    [row({ session_id: 's', timestamp: 9 }), row({ session_id: 's', timestamp: 7 })],
    't.jsonl:2: timestamp: time goes back within the session; received "7 after 9 in line 1"; sort the turns of a session by timestamp, or give their delay',
  ],
  [
    [row({ timestamp: undefined })],
    "t.jsonl:1: timestamp: the first turn of a session has no timestamp; add its arrival in milliseconds, or choose arrivals that are not the trace's (workload.arrivals, workload.concurrency)",
  ],
  [
    [row({ session_id: 's', delay: 5 })],
    't.jsonl:1: delay: a delay on a first turn has no turn to follow; received 5; use timestamp for the arrival of a first turn, or give the session_id of the turn before',
  ],
  [
    [row({ session_id: 's' }), row({ session_id: 's', delay: -5 })],
    't.jsonl:2: delay: not a usable number; received -5; allowed: milliseconds from 0 to 9,007,199,254 (104 days)',
  ],
  [
    [row({ session_id: 's' }), row({ session_id: 's', timestamp: undefined })],
    't.jsonl:2: delay: no delay, and no two timestamps to take it from; add delay in milliseconds, or a timestamp here and in line 1',
  ],
  [
    [row({}), row({ timestamp: 1e13 })],
    't.jsonl:2: timestamp: more than 104 days after the first arrival; received 10000000000000; timestamps are milliseconds; divide them if they are in smaller units',
  ],
  [
    [row({ session_id: '' })],
    't.jsonl:1: session_id: not a usable name; received ""; allowed: a string that is not empty, or an integer',
  ],
  [
    [row({ priority: 2 ** 31 })],
    't.jsonl:1: priority: not a usable number; received 2147483648; allowed: an integer of 32 bits',
  ],
  [
    [row({ ouput_length: 5 })],
    't.jsonl:1: unknown key "ouput_length"; did you mean "output_length"?; keys that resemble no known one are ignored',
  ],
  [
    [row({ tenant: '' })],
    't.jsonl:1: tenant: not a usable name; received ""; allowed: a string that is not empty, or an integer',
  ],
  [
    [row({ wait_for: ['r'] })],
    't.jsonl:1: wait_for makes a request wait for others; read the trace with --trace-format agentic_mooncake',
  ],
])('refuses %j', (lines, message) => {
  expect(() => read(lines)).toThrow(
    expect.objectContaining({ name: 'InputError', message, exitCode: 2 }),
  );
});
