import { expect, test } from 'vitest';
import { at, fly } from './sglang.fixture.ts';

test('the first token comes out of the prefill; who needs no more ends with it', () => {
  expect(fly([at(0, 7, 1), at(0, 7, 0), at(0, 7, 3)])).toMatchObject([
    { first: 10, last: 10 },
    { first: -1e-6 },
    { first: 10, last: 14 },
  ]);
});

test('without a page for it the first token comes with the next pass of decode', () => {
  // Four of five pages are full after the prefill, and each of two requests needs one more: nobody
  // gets a token. Then the first in line is retracted, and the other one has its token at 12.
  const rows = [at(0, 8, 4, [1, 2]), at(0, 8, 4, [3, 4])];
  const [first, second] = fly(rows, { num_gpu_blocks: 5, clip_max_new_tokens: 1 });
  expect(second).toMatchObject({ first: 12, last: 18, admissions: 1 });
  expect(first!.first).toBeGreaterThan(18);
});

test('tokens of one burst have one time', () => {
  const drafts = { num_speculative_tokens: 2, speculative_acceptance_rates: [1, 1] };
  // One token out of the prefill, then three a pass.
  expect(fly([at(0, 8, 7)], drafts)).toMatchObject([{ first: 10, last: 14 }]);
});

test('a last token out of a prefill lies in no page', () => {
  // Seven tokens and the last one would fill two pages, but nobody has computed that one: of three
  // pages two are free for B, so that what is cached of A stays.
  const rows = [at(0, 7, 1, [1, 2]), at(20, 7, 1, [3, 4]), at(40, 7, 1, [1, 2])];
  expect(fly(rows, { num_gpu_blocks: 3 })[2]).toMatchObject({ reused: 4 });
});
