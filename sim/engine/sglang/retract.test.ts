import { expect, test } from 'vitest';
import { at, fly } from './sglang.fixture.ts';

test('who has generated least gives way, of equals who came in first, and comes back later', () => {
  // Eight pages, four for each. At 14 B needs a fifth: A, with three tokens too, loses its own. Its
  // three whole pages stay cached, but with them B's rest leaves no room, until B, which takes the
  // sixth page at 22 and the seventh at 30, ends at 32 and one page of A's is left.
  const rows = [at(0, 12, 12, [1, 2, 3]), at(0, 13, 12, [4, 5, 6, 7])];
  expect(fly(rows, { num_gpu_blocks: 8, clip_max_new_tokens: 1 })).toMatchObject([
    { admitted: 0, first: 10, last: 58, admissions: 2, reused: 4 },
    { admitted: 0, first: 10, last: 32, admissions: 1 },
  ]);
});

test('the last one that decodes stays, and a prompt begun gives its pages back', () => {
  // A alone needs all four pages in the end; B's first chunk holds one.
  const rows = [at(0, 4, 12), at(11, 11, 1)];
  const tight = { num_gpu_blocks: 4, clip_max_new_tokens: 1, chunked_prefill_size: 4 };
  const [first, second] = fly(rows, tight);
  expect(first).toMatchObject({ admissions: 1 });
  expect(second!.admissions).toBeGreaterThanOrEqual(1);
  expect(second!.last).toBeGreaterThan(first!.last);
});
