import { expect, test } from 'vitest';
import { at, fly } from './sglang.fixture.ts';

test('a chunk in progress goes first, and less than a page that is left admits nobody', () => {
  // Two pages a pass: 8 of 14 tokens, then 6; two tokens are left, B's page has to wait.
  expect(fly([at(0, 14, 1), at(0, 3, 1)], { chunked_prefill_size: 8 })).toMatchObject([
    { admitted: 0, first: 20 },
    { admitted: 20, first: 30 },
  ]);
});

test('what is left of the chunk, in whole pages, begins the next prompt', () => {
  // Five tokens fill two pages of three; the third page takes four of the seven of B.
  expect(fly([at(0, 5, 1), at(0, 7, 1)], { chunked_prefill_size: 12 })).toMatchObject([
    { first: 10 },
    { admitted: 0, first: 20 },
  ]);
});

test('no further prompt joins a pass once the prompts in it are long enough', () => {
  const rows = [at(0, 8, 1), at(0, 8, 1)];
  expect(fly(rows, { max_prefill_tokens: 17 })).toMatchObject([{ first: 10 }, { first: 10 }]);
  expect(fly(rows, { max_prefill_tokens: 16 })).toMatchObject([{ first: 10 }, { first: 20 }]);
  // Alone it is computed however long it is.
  expect(fly([at(0, 8, 1)], { max_prefill_tokens: 4 })).toMatchObject([{ first: 10 }]);
});

test('whole pages are hit, never the last token, and nothing that the same pass computes', () => {
  const ids = [1, 2];
  expect(fly([at(0, 8, 1, ids), at(0, 8, 1, ids), at(20, 8, 1, ids)])).toMatchObject([
    { reused: 0 },
    { reused: 0 },
    { reused: 4 },
  ]);
});

test('hits that leave no room for the rest wait, though they would be free', () => {
  // Four pages: B, in line behind A, hits two pages and needs two more; A holds one until 24.
  const rows = [at(0, 8, 1, [1, 2]), at(12, 4, 8, [7]), at(13, 15, 1, [1, 2, 3, 4])];
  expect(fly(rows, { num_gpu_blocks: 4, clip_max_new_tokens: 1 })).toMatchObject([
    { last: 10 },
    { admitted: 12, first: 22, last: 36 },
    { admitted: 36, reused: 4 },
  ]);
});
