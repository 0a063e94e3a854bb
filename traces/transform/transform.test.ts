import { expect, test } from 'vitest';
import { AZURE_HEADER } from '../formats/azure.ts';
import { Cut } from './cut.ts';
import { merged, rewritten, sourceOf } from './memory-source.fixture.ts';
import { mergeTraces } from './merge.ts';
import { MooncakeWriter } from './mooncake-writer.ts';
import { Sample } from './sample.ts';
import { Scale } from './scale.ts';

function row(timestamp: number | undefined, more: Record<string, unknown> = {}): string {
  return `${JSON.stringify({ timestamp, ...more, input_length: 6, output_length: 3, hash_ids: [1, 2] })}\n`;
}

const A1 = row(10, { session_id: 'a' });
const B1 = row(12, {
  session_id: 'b',
  request_id: 'r',
  tenant: 'free',
  policy_class: 'batch',
  priority: -1,
  strict_priority: 2,
});
const LONE = row(15);
const A2 = row(18, { session_id: 'a', delay: 4 });
const B2 = row(undefined, { session_id: 'b', delay: 1.5 });
const LATE = row(30);
const TRACE = [A1, B1, LONE, A2, B2, LATE];
const ALL = { take: () => true };

test('a rewrite that keeps all says every row as it was', async () => {
  const { lines, counts } = await rewritten(sourceOf(TRACE), ALL);
  expect(lines).toEqual(TRACE);
  expect(counts).toEqual({ read: 6, written: 6, blockSize: 4 });
});

test('a cut counts from the first arrival and goes by where a session begins', async () => {
  expect((await rewritten(sourceOf(TRACE), new Cut({ toMs: 2 }))).lines).toEqual([A1, A2]);
  expect((await rewritten(sourceOf(TRACE), new Cut({ fromMs: 2, toMs: 20 }))).lines).toEqual([
    B1,
    LONE,
    B2,
  ]);
  expect((await rewritten(sourceOf(TRACE), new Cut({ fromMs: 5.5 }))).lines).toEqual([LATE]);
  expect((await rewritten(sourceOf(TRACE), new Cut({ requests: 1 }))).lines).toEqual([A1, A2]);
});

test('a cut that leaves nothing is refused', async () => {
  await expect(rewritten(sourceOf(TRACE), new Cut({ fromMs: 99 }))).rejects.toThrow(
    't: no request is left; none of its 6 requests is kept',
  );
});

test('a sample of all is all, and the seed decides', async () => {
  expect((await rewritten(sourceOf(TRACE), new Sample(1, 1))).lines).toEqual(TRACE);
  const half = (seed: number) => rewritten(sourceOf(TRACE), new Sample(0.5, seed));
  expect((await half(3)).lines).toEqual((await half(3)).lines);
});

test('scale divides times and multiplies lengths with their blocks', async () => {
  const scale = new Scale({ file: 't', rate: 2, lengths: 1.5 });
  const { lines, counts } = await rewritten(sourceOf([A1, A2]), scale);
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { timestamp: 5, session_id: 'a', input_length: 9, output_length: 5, hash_ids: [1, 2] },
    {
      timestamp: 9,
      session_id: 'a',
      delay: 2,
      input_length: 9,
      output_length: 5,
      hash_ids: [1, 2],
    },
  ]);
  expect(counts.blockSize).toBe(6);
});

test.each([
  [{ rate: 1, lengths: 1.1 }, 'a block of 4 tokens would become one of 4.4'],
  [{ rate: 1, lengths: 1e9 }, 't:1: input_length: the longer request would be too long'],
  [{ rate: 1e-12, lengths: 1 }, 't:1: timestamp: the slower trace would be longer than 104 days'],
])('scale refuses %j', async (options, message) => {
  const scale = new Scale({ file: 't', ...options });
  await expect(rewritten(sourceOf([A1]), scale)).rejects.toThrow(message);
});

test('a merge is by time and keeps strangers apart', async () => {
  const lines = await merged([sourceOf([A1, LONE, A2]), sourceOf([A1, LATE], 'u')], 'apart');
  expect(
    lines.map((line) => JSON.parse(line)).map((r) => [r.timestamp, r.session_id, r.hash_ids]),
  ).toEqual([
    [10, '1/a', [0, 1]],
    [10, '2/a', [2, 3]],
    [15, undefined, [0, 1]],
    [18, '1/a', [0, 1]],
    [30, undefined, [2, 3]],
  ]);
});

test('a merge may name a tenant for each file', async () => {
  const sources = [sourceOf([A1, B1]), sourceOf([LATE], 'u')];
  const counts = { read: 0, written: 0, blockSize: 4 };
  const tenants: unknown[] = [];
  for await (const line of mergeTraces(sources, new MooncakeWriter('kept', ['x', 'y']), counts)) {
    tenants.push(JSON.parse(line).tenant);
  }
  expect(tenants).toEqual(['x', 'x', 'y']);
});

test('a later turn far ahead holds up no first turn', async () => {
  const ahead = row(90, { session_id: 'a' });
  const lines = await merged([sourceOf([A1, ahead, LONE]), sourceOf([B1, LATE], 'u')], 'kept');
  expect(lines).toEqual([A1, B1, ahead, LONE, LATE]);
});

test('rows without content get blocks of their own; shared ids would not be theirs', async () => {
  const azure = [AZURE_HEADER, '2023-11-16 18:15:46,5,1', '2023-11-16 18:15:47,4,1'];
  const { lines } = await rewritten(sourceOf(azure, 'z', 'azure'), ALL);
  expect(lines.map((line) => JSON.parse(line).hash_ids)).toEqual([[0, 1], [2]]);
  const both = () => [sourceOf([A1]), sourceOf(azure, 'z', 'azure')];
  await expect(merged(both(), 'kept')).rejects.toThrow(
    't:1: some rows have hash ids and some have none',
  );
  expect((await merged(both(), 'apart')).map((line) => JSON.parse(line).hash_ids)).toEqual([
    [0, 1],
    [2, 3],
    [4],
  ]);
});

test('traces of different blocks do not merge', async () => {
  const wide = { ...sourceOf([LATE], 'wide'), traceBlockSize: 8 };
  await expect(merged([sourceOf([A1]), wide], 'apart')).rejects.toThrow(
    'wide: the trace has blocks of 8 tokens; allowed: blocks of 4 tokens, as t has',
  );
});
