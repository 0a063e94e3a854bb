import { expect, test } from 'vitest';
import { needReference } from '../../test/shared.ts';
import { readTraceFile } from '../files.ts';
import { inspectTrace } from '../inspect/inspect-trace.ts';
import { readLines, rowsOf } from './read-lines.fixture.ts';

const CALL = {
  timestamp: 1.5,
  session_id: 'a',
  input_chars: 600,
  output_chars: 9,
  hash_ids: [5, 9],
};

test('four characters a token: lengths round up, a rest of a block gets an id of its own', () => {
  const exact = { ...CALL, timestamp: 2, input_chars: 512, output_chars: 0 };
  const { batch, reader } = readLines('lmcache', [CALL, exact]);
  expect(rowsOf(batch)).toEqual([
    { timestamp: 1_500, session: 'a', input: 150, output: 3, ids: [0, 1, 2] },
    { timestamp: 2_000, session: 'a', input: 128, output: 0, ids: [0, 1] },
  ]);
  expect(reader).toMatchObject({ sessions: 1, traceBlockSize: 64 });
  expect(reader.notes).toEqual(['lengths are characters in the file: 4 of them count as a token']);
});

test('another block size is another ratio, used for every length', () => {
  const { batch, reader } = readLines('lmcache', [CALL], { traceBlockSize: 128 });
  expect(rowsOf(batch)).toEqual([
    { timestamp: 1_500, session: 'a', input: 300, output: 5, ids: [0, 1, 2] },
  ]);
  expect(reader.notes?.[0]).toContain('2 of them');
});

test('an empty prompt counts as one token, and that is said', () => {
  const { batch, reader } = readLines('lmcache', [{ ...CALL, input_chars: 0, hash_ids: [] }]);
  expect(rowsOf(batch)[0]).toMatchObject({ input: 1, ids: [0] });
  expect(reader.notes?.[1]).toBe('1 empty prompts count as one token');
});

test.each([
  [
    { ...CALL, hash_ids: [5] },
    't:1: hash_ids: hash_ids has 1, expected 2; one id stands for 256 of the 600 characters in input_chars, the rest has none',
  ],
  [
    { ...CALL, timestamp: undefined },
    't:1: timestamp: the value is missing; allowed: seconds from 0 to 9,007,199 (104 days)',
  ],
  [
    { ...CALL, hash_ids: [5, -1] },
    't:1: hash_ids[1]: not a block id; received -1; allowed: an integer from 0 to 4,294,967,295',
  ],
])('refuses %j', (call, message) => {
  expect(() => readLines('lmcache', [call])).toThrow(
    expect.objectContaining({ name: 'InputError', message }),
  );
});

test('refuses a block of more tokens than characters', () => {
  expect(() => readLines('lmcache', [CALL], { traceBlockSize: 512 })).toThrow(
    't: a token would be less than a character; received "a trace block size of 512 tokens for a block of 256 characters"; allowed: an integer from 1 to 256; set workload.trace_block_size',
  );
});

test.for([
  ['miniswe', 402, 20, 0.932],
  ['magagent', 746, 25, 0.827],
  ['taubench', 471, 24, 0.687],
] as const)(
  'the published %s calls: %i in %i sessions, ceiling %d',
  async ([name, calls, sessions, hit], context) => {
    const path = needReference(context, 'traces', 'lmcache-agent', `${name}_derived.jsonl.gz`);
    const trace = await readTraceFile(path, { format: 'auto' });
    expect(trace).toMatchObject({ format: 'lmcache', requests: calls, sessions });
    const { reuse } = inspectTrace(trace, trace.traceBlockSize);
    expect(reuse!.hitTokens / reuse!.totalTokens).toBeCloseTo(hit, 2);
  },
);
