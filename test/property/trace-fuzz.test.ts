import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { InputError } from '#core/base/errors.ts';
import { TRACE_FORMATS } from '#core/config/trace-formats.ts';
import type { TraceReadOptions } from '#traces/collector.ts';
import { readTraceFile } from '#traces/files.ts';
import { inspectTrace } from '#traces/inspect/inspect-trace.ts';

const folder = mkdtempSync(join(tmpdir(), 'windtunnel-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true }));

const AZURE = [
  'TIMESTAMP,ContextTokens,GeneratedTokens',
  '2023-11-16 18:15:46.6805900,374,44',
  '2023-11-16 18:15:50.9951690,396,109',
  '2023-11-16 18:15:51.2224670,879,55',
].join('\r\n');

function sampleHead(name: string, lines: number): Uint8Array {
  const path = resolve(import.meta.dirname, '..', '..', 'traces', 'samples', name);
  const text = gunzipSync(readFileSync(path)).toString('utf8');
  return Buffer.from(text.split('\n').slice(0, lines).join('\n'));
}

const PLAIN = [
  sampleHead('chat.jsonl.gz', 40),
  sampleHead('mixed.jsonl.gz', 40),
  Buffer.from(AZURE),
];
const SEEDS = [...PLAIN, ...PLAIN.map((bytes) => gzipSync(bytes))];

const EPOCH_NS = 1_759_813_207_000_000_000;
const AIPERF_METRICS = {
  input_sequence_length: { value: 5 },
  output_sequence_length: { value: 2 },
};
const SESSION_TURN = { t: 1, in: 130, out: 3, hash_ids: [1, 2], think_time: 4 };
const DYNAMO_REPLAY = { trace_block_size: 4, input_length: 6, input_sequence_hashes: [9, 8] };

/** One line a format that tells itself by it; some of them have no times of arrival. */
const LINES: readonly unknown[] = [
  {
    id: 's',
    block_size: 64,
    hash_id_scope: 'local',
    requests: [SESSION_TURN, { t: 2, agent_id: 'x', requests: [SESSION_TURN] }, SESSION_TURN],
  },
  { timestamp: 1.5, session_id: 'a', input_chars: 600, output_chars: 9, hash_ids: [5, 9] },
  {
    metadata: { request_start_ns: EPOCH_NS, request_end_ns: EPOCH_NS, x_correlation_id: 'a' },
    metrics: AIPERF_METRICS,
    error: null,
  },
  { input_lens: [100, 200], output_lens: [3, 2], start_times: [10.5, 10], errors: ['', ''] },
  {
    num_turns: 1,
    input_prompt_length: 16,
    assistant_response_length: [4],
    tool_call_output_length: [8],
    tool_call_latency: [0.5],
    final_assistant_response_length: 3,
  },
  {
    schema: 'dynamo.request.trace.v1',
    event_type: 'request_end',
    event_time_unix_ms: 1_000,
    agent_context: { session_id: 'a' },
    request: { output_tokens: 3, total_time_ms: 10, replay: DYNAMO_REPLAY },
  },
  { request_id: 'a', hash_ids: [1], output_length: 3, timestamp: 4, wait_for: [] },
];
const BURSTGPT =
  'Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n5,a,4,1,5,b\n';
const OWN = `{"schema":"windtunnel.trace","version":1,"block_size":4,"has_content":true,"resends_output":false}
{"request_id":"a","after":[],"timestamp":3,"input_length":5,"output_length":2,"hash_ids":[1,2]}
{"after":[{"request_id":"a","on":"end","delay":4}],"input_length":3,"output_length":1,"hash_ids":[1]}
`;
const OTHER_FORMATS = [...LINES.map((line) => `${JSON.stringify(line)}\n`), BURSTGPT, OWN].map(
  (text) => Buffer.from(text),
);

/** The file is a valid trace, which can then be inspected, or one InputError that says something. */
async function readsOrRefuses(
  bytes: Uint8Array,
  options: TraceReadOptions = { format: 'auto', traceBlockSize: 512 },
): Promise<void> {
  const path = join(folder, 'trace');
  writeFileSync(path, bytes);
  try {
    const trace = await readTraceFile(path, options);
    expect(trace.requests).toBeGreaterThan(0);
    const rows = trace.batches.reduce((sum, batch) => sum + batch.count, 0);
    expect(rows).toBe(trace.requests);
    expect(inspectTrace(trace, trace.traceBlockSize).inputTokens.min).toBeGreaterThan(0);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).exitCode).toBe(2);
    expect((error as InputError).message).toContain(path);
  }
}

const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  kind: fc.constantFrom('set', 'insert', 'remove', 'repeat', 'cut'),
  // Whole values that matter to a parser, and single bytes.
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 3 }),
    fc
      .constantFrom(
        '-',
        '1e999',
        'null',
        '[[',
        '{',
        '"',
        '\n',
        '\n\n',
        '\r',
        ',',
        '\0',
        '9'.repeat(30),
      )
      .map((text) => new Uint8Array(Buffer.from(text))),
  ),
});

function apply(
  source: Uint8Array,
  edits: readonly (typeof edit extends fc.Arbitrary<infer E> ? E : never)[],
): Uint8Array {
  let bytes = Buffer.from(source);
  for (const { at, kind, bytes: change } of edits) {
    const position = Math.floor(at * bytes.length);
    const before = bytes.subarray(0, position);
    const after = bytes.subarray(position);
    if (kind === 'cut') bytes = Buffer.from(before);
    else if (kind === 'insert') bytes = Buffer.concat([before, change, after]);
    else if (kind === 'remove') bytes = Buffer.concat([before, after.subarray(change.length)]);
    else if (kind === 'repeat') bytes = Buffer.concat([before, before.subarray(-200), after]);
    else bytes = Buffer.concat([before, change, after.subarray(change.length)]);
  }
  return bytes;
}

test('a damaged sample is a valid trace or one InputError', async () => {
  const edits = fc.array(edit, { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...SEEDS), edits, (seed, changes) =>
      readsOrRefuses(apply(seed, changes)),
    ),
    { numRuns: 600 },
  );
});

test('every other format reads its line, whole', async () => {
  const formats: string[] = [];
  for (const bytes of OTHER_FORMATS) {
    const path = join(folder, 'whole');
    writeFileSync(path, bytes);
    const trace = await readTraceFile(path, { format: 'auto', requireTimestamps: false });
    expect(trace.requests).toBeGreaterThan(0);
    formats.push(trace.format);
  }
  const named = ['mooncake', 'azure', 'mooncake_delta'];
  expect([...formats, ...named].sort()).toEqual([...TRACE_FORMATS].sort());
});

test('a damaged file of another format is a valid trace or one InputError', async () => {
  const edits = fc.array(edit, { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...OTHER_FORMATS),
      fc.integer({ min: 1, max: 3 }),
      edits,
      (seed, copies, changes) => {
        const whole = Buffer.concat(Array.from({ length: copies }, () => seed));
        return readsOrRefuses(apply(whole, changes), { format: 'auto', requireTimestamps: false });
      },
    ),
    { numRuns: 900 },
  );
});

test('any file read as any format is a valid trace or one InputError', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...SEEDS, ...OTHER_FORMATS),
      fc.constantFrom(...TRACE_FORMATS),
      fc.boolean(),
      (seed, format, requireTimestamps) => readsOrRefuses(seed, { format, requireTimestamps }),
    ),
    { numRuns: 150 },
  );
});

test('a sample cut off anywhere is a valid trace or one InputError', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...SEEDS),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (seed, at) => readsOrRefuses(seed.subarray(0, Math.floor(at * seed.length))),
    ),
    { numRuns: 200 },
  );
});

test('arbitrary text, bytes and JSON rows are a valid trace or one InputError', async () => {
  const value = fc.oneof(fc.jsonValue(), fc.array(fc.integer()), fc.double());
  const key = fc.constantFrom(
    'hash_ids',
    'input_length',
    'output_length',
    'timestamp',
    'session_id',
    'delay',
    'priority',
    '__proto__',
    'toString',
  );
  const rows = fc
    .array(fc.dictionary(key, value), { minLength: 1, maxLength: 4 })
    .map((records) => records.map((record) => JSON.stringify(record)).join('\n'));
  const content = fc.oneof(rows, fc.string({ unit: 'binary' })).map((text) => Buffer.from(text));
  await fc.assert(
    fc.asyncProperty(fc.oneof(content, fc.uint8Array({ maxLength: 300 })), (bytes) =>
      readsOrRefuses(bytes),
    ),
    { numRuns: 400 },
  );
});

test('nesting as deep as a line allows is refused, not a stack overflow', async () => {
  const deep = '['.repeat(200_000) + ']'.repeat(200_000);
  await readsOrRefuses(Buffer.from(`{"timestamp": 0, "output_length": 1, "hash_ids": [${deep}]}`));
  await readsOrRefuses(Buffer.from(`{"timestamp": ${deep}, "output_length": 1, "hash_ids": [1]}`));
  await readsOrRefuses(Buffer.from(deep));
});
