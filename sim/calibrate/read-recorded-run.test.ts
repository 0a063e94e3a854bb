import { expect, test } from 'vitest';
import { readRecordedRun } from './read-recorded-run.ts';

const linesOf = (...rows: readonly unknown[]) =>
  rows.map((row, index) => ({ text: JSON.stringify(row), line: index + 1 }));

const aiperf = (startNs: number, changes: object = {}) => ({
  metadata: { request_start_ns: startNs, benchmark_phase: 'profiling', was_cancelled: false },
  metrics: {
    input_sequence_length: { value: 550, unit: 'tokens' },
    output_sequence_length: { value: 3, unit: 'tokens' },
    time_to_first_token: { value: 40, unit: 'ms' },
    request_latency: { value: 60, unit: 'ms' },
  },
  ...changes,
});

test("AIPerf's records are read in order of their start, without those that failed", () => {
  const { records } = readRecordedRun(
    linesOf(aiperf(9e6), aiperf(4e6), aiperf(5e6, { error: { code: 500 } })),
    'profile_export.jsonl',
  );
  expect(records).toEqual([
    { sentMs: 0, isl: 550, osl: 3, ttftMs: 40, e2eMs: 60 },
    { sentMs: 5, isl: 550, osl: 3, ttftMs: 40, e2eMs: 60 },
  ]);
});

const benchmark = {
  input_lens: [100, 200],
  output_lens: [3, 1],
  ttfts: [0.5, 0.25],
  itls: [[0.25, 0.25], []],
  start_times: [10, 11],
  errors: ['', ''],
};

test("the result of vLLM's serving benchmark is read in milliseconds", () => {
  const { records } = readRecordedRun(linesOf(benchmark), 'result.json');
  expect(records).toEqual([
    { sentMs: 0, isl: 100, osl: 3, ttftMs: 500, e2eMs: 1000, gapsMs: [250, 250] },
    { sentMs: 1000, isl: 200, osl: 1, ttftMs: 250, e2eMs: 250, gapsMs: [] },
  ]);
});

const header = {
  engine: 'quiet',
  settings: { maxNumBatchedTokens: 512, maxNumSeqs: 16, kvBlocks: 2048, prefixCaching: true },
  load: { sweep: true },
};

test.each([
  [[aiperf(1), null], 'run.jsonl:2: a record is a JSON object or an array'],
  [[aiperf(1), {}], 'run.jsonl:2: metadata: this key is missing'],
  [[header, null], 'run.jsonl:2: a record is a JSON object or an array'],
  [[header, {}], 'run.jsonl:2: status: this key has no use'],
  [[header, { status: 200, isl: '9' }], 'run.jsonl:2: isl: this key has no use; received "9"'],
  [[{ ...header, settings: {} }], 'run.jsonl:1: settings.maxNumBatchedTokens: this key has no use'],
  [[{ ...header, settings: null }], 'run.jsonl: unknown form of per-request records'],
  [[header, { status: 500 }], 'run.jsonl: no request of it was answered'],
])('records %j are refused with their place', (rows, message) => {
  expect(() => readRecordedRun(linesOf(...rows), 'run.jsonl')).toThrow(message);
});

test('a benchmark may have more requests than a call has arguments', () => {
  const many = <Value>(value: Value) => new Array<Value>(200_000).fill(value);
  const result = {
    input_lens: many(10),
    output_lens: many(1),
    ttfts: many(0.1),
    itls: many([]),
    start_times: many(7),
  };
  expect(readRecordedRun(linesOf(result), 'result.json').records.length).toBe(200_000);
});

test.each([
  [{ ...benchmark, start_times: undefined }, 'result.json: start_times'],
  [{ ...benchmark, itls: [[]] }, 'result.json: itls'],
  [{ hello: 1 }, 'result.json: unknown form of per-request records'],
])('%j is refused with its place', (row, message) => {
  expect(() => readRecordedRun(linesOf(row), 'result.json')).toThrow(message);
});
