import { expect, test } from 'vitest';
import { TraceBatch } from '../batch.ts';
import { MooncakeWriter } from '../transform/mooncake-writer.ts';
import { WindtunnelWriter } from '../transform/windtunnel-writer.ts';
import { readMedia } from './media-fields.ts';
import { readLines } from './read-lines.fixture.ts';

const ROW = { timestamp: 0, input_length: 4, output_length: 9, hash_ids: [7] };

const HEADER = {
  schema: 'windtunnel.trace',
  version: 1,
  block_size: 512,
  has_content: true,
  resends_output: false,
};

test('a row names the items that come with its prompt, in both formats and back', () => {
  const row = { ...ROW, mm_hashes: [9, 4_294_967_295, 9] };
  const mooncake = readLines('mooncake', [row]).batch;
  const own = readLines('windtunnel', [HEADER, row]).batch;
  expect([mooncake.media, own.media]).toEqual([[[9, 4_294_967_295]], [[9, 4_294_967_295]]]);
  for (const writer of [new MooncakeWriter('kept'), new WindtunnelWriter('kept')]) {
    const line = writer.line(mooncake, 0, 512, 'a.jsonl');
    expect(JSON.parse(line)).toMatchObject({ mm_hashes: [9, 4_294_967_295] });
  }
});

test('items of traces that are merged are told apart, those of one trace are not', () => {
  const { batch } = readLines('mooncake', [{ ...ROW, mm_hashes: [5, 6] }]);
  const writer = new MooncakeWriter('apart');
  const written = [0, 1, 0].map((source) => writer.line(batch, 0, 512, 'a.jsonl', source));
  const ids = written.map((line) => JSON.parse(line).mm_hashes);
  expect(ids).toEqual([
    [0, 1],
    [2, 3],
    [0, 1],
  ]);
});

test('no items are none, and rows that are copied or cut keep theirs', () => {
  const rows = [ROW, { ...ROW, mm_hashes: [] }, { ...ROW, mm_hashes: null }];
  const { batch } = readLines('mooncake', [...rows, { ...ROW, mm_hashes: [1] }]);
  expect(batch.media).toEqual([undefined, undefined, undefined, [1]]);
  const copy = new TraceBatch();
  copy.appendRow(batch, 3);
  expect(copy.media).toEqual([[1]]);
  batch.truncate(2);
  expect(batch.media).toEqual([undefined, undefined]);
});

test.each([
  [{ mm_hashes: 7 }, 'a.jsonl:3: mm_hashes: not an array; received 7'],
  [{ mm_hashes: ['ab'] }, 'a.jsonl:3: mm_hashes[0]: not the id of an item; received "ab"'],
  [{ mm_hashes: [1, -1] }, 'a.jsonl:3: mm_hashes[1]: not the id of an item; received -1'],
  [{ mm_hashes: [0.5] }, 'allowed: an integer from 0 to 4,294,967,295'],
])('%j is refused with its place', (record, message) => {
  expect(() => readMedia(record, { file: 'a.jsonl', line: 3 })).toThrow(message);
});

test('a misspelt key is refused', () => {
  expect(() => readLines('mooncake', [{ ...ROW, mm_hash: [1] }])).toThrow('mm_hashes');
});
