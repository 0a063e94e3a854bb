import { expect, test } from 'vitest';
import { MooncakeWriter } from '../transform/mooncake-writer.ts';
import { WindtunnelWriter } from '../transform/windtunnel-writer.ts';
import { readClient } from './client-fields.ts';
import { readLines } from './read-lines.fixture.ts';

const place = { file: 'a.jsonl', line: 3 };

const FULL = {
  task: 'generate',
  cancel_after_ms: 1500.5,
  cancel_after_tokens: 40,
  ttft_timeout_ms: 800,
  timeout_ms: 30_000,
};

const ROW = { timestamp: 0, input_length: 4, output_length: 9, hash_ids: [7] };

test('all that a row may say of its client, in both formats and back', () => {
  const header = {
    schema: 'windtunnel.trace',
    version: 1,
    block_size: 512,
    has_content: true,
    resends_output: false,
  };
  const mooncake = readLines('mooncake', [{ ...ROW, ...FULL }]).batch;
  const own = readLines('windtunnel', [header, { ...ROW, ...FULL }]).batch;
  const said = {
    task: 'generate',
    cancelAfterMs: 1500.5,
    cancelAfterTokens: 40,
    firstTokenTimeoutMs: 800,
    timeoutMs: 30_000,
  };
  expect([mooncake.client, own.client]).toEqual([[said], [said]]);
  for (const writer of [new MooncakeWriter('kept'), new WindtunnelWriter('kept')]) {
    expect(JSON.parse(writer.line(mooncake, 0, 512, 'a.jsonl'))).toMatchObject(FULL);
  }
});

test('a row that says nothing has no client, null says nothing', () => {
  expect(readClient({ ...ROW, task: null }, 9, place)).toBeUndefined();
  expect(readClient({ timeout_ms: 5, cancel_after_ms: null }, 9, place)).toEqual({ timeoutMs: 5 });
});

test.each([
  [{ cancel_after_ms: 0 }, /cancel_after_ms: not a usable number; .*milliseconds above 0/],
  [{ cancel_after_tokens: 0 }, /cancel_after_tokens: not a usable number; .*from 1 to/],
  [{ cancel_after_tokens: 1.5 }, /cancel_after_tokens: not a usable number/],
  [{ timeout_ms: '5' }, /timeout_ms: not a usable number; received "5"/],
  [{ ttft_timeout_ms: -1 }, /ttft_timeout_ms: not a usable number/],
  [{ task: 'embedd' }, /task: unknown task; received "embedd"; .*did you mean "embed"/],
  [{ task: 7 }, /task: unknown task; received 7; allowed: generate, embed, prefill_only/],
  [
    { task: 'embed' },
    /output_length: a request of task embed generates nothing; received 9; allowed: 0/,
  ],
])('%j is refused', (record, message) => {
  expect(() => readClient(record, 9, place)).toThrow(message);
});

test('a slip of the pen is no annotation', () => {
  const slip = { ...ROW, cancel_after_token: 5 };
  expect(() => readLines('mooncake', [slip])).toThrow(/did you mean "cancel_after_tokens"/);
});
