import { expect, test } from 'vitest';
import { jsonRows, readForwardPassMetrics, readLoggedSteps } from './step-evidence.ts';

const cache = { blocks: 100, blockSize: 16 };
const numbered = (rows: readonly unknown[]) =>
  rows.map((row, index) => ({ text: JSON.stringify(row), line: index + 1 }));

test('what the cache held before a logged step is the prefix of a prompt and the context of decodes', () => {
  // 10 % of 1,600 tokens are 160.
  const rows = readLoggedSteps(
    numbered([
      [0, 1, 160, 0, 0, 20, 10],
      [1, 1, 160, 0, 0, 21, 20],
      [2, 0, 0, 2, 2, 5, 20],
    ]),
    'steps.jsonl',
    cache,
  );
  expect(rows.map(({ ms }) => ms)).toEqual([20, 21, 5]);
  expect(rows[0]!.sums).toMatchObject({ prefillTokens: 160, prefixTokens: 0 });
  expect(rows[1]!.sums).toMatchObject({
    prefixTokens: 160,
    prefillAttentionPairs: 160 * (160 + 80),
  });
  // 320 tokens in the cache, half a block less for each of two requests, one token more for each.
  expect(rows[2]!.sums.decodeContextTokens).toBe(320 - 16 + 2);
});

test('the first pass of so many tokens is told from the next', () => {
  const steps = [64, 32, 64].map((tokens, index) => [index, 1, tokens, 0, 0, 9, 0]);
  const rows = readLoggedSteps(numbered(steps), 'steps.jsonl', cache);
  expect(rows.map(({ firstOfSize }) => firstOfSize)).toEqual([true, true, false]);
});

const metrics = {
  version: 1,
  wall_time: 0.025,
  scheduled_requests: {
    num_prefill_requests: 1,
    sum_prefill_tokens: 100,
    sum_prefill_kv_tokens: 50,
    num_decode_requests: 3,
    sum_decode_kv_tokens: 900,
  },
};

test('a forward-pass metric is read as it is, and a heartbeat says nothing', () => {
  const idle = { version: 1, wall_time: 0, scheduled_requests: {} };
  const [row, ...others] = readForwardPassMetrics(
    jsonRows(numbered([metrics, idle]), 'fpm.jsonl'),
    'fpm.jsonl',
  );
  expect(others).toEqual([]);
  expect(row).toMatchObject({
    ms: 25,
    sums: { prefixTokens: 50, prefillAttentionPairs: 10_000, decodeContextTokens: 900 },
  });
});

test.each([
  [[1, 2, 3], 'steps.jsonl:1: this line is no step'],
  ['{', 'steps.jsonl:1: this line is no JSON'],
])('the line %j is refused with its place', (row, message) => {
  const text = typeof row === 'string' ? row : JSON.stringify(row);
  expect(() => readLoggedSteps([{ text, line: 1 }], 'steps.jsonl', cache)).toThrow(message);
});

test('metrics of another version are refused', () => {
  expect(() => readForwardPassMetrics([{ value: { version: 2 }, line: 1 }], 'fpm.jsonl')).toThrow(
    'fpm.jsonl:1: version: unknown version of forward-pass metrics; received 2; allowed: 1',
  );
});

test('each engine prepares a size by itself', () => {
  const rows = ['w1', 'w2', 'w1'].map((worker_id, at) => ({
    value: { ...metrics, worker_id, dp_rank: 0 },
    line: at + 1,
  }));
  const steps = readForwardPassMetrics(rows, 'fpm.msgpack');
  expect(steps.map(({ firstOfSize }) => firstOfSize)).toEqual([true, true, false]);
});
