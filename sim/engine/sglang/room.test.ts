import { expect, test } from 'vitest';
import { at, fly } from './sglang.fixture.ts';

// 32 tokens in all: A takes 12 and is counted with its 8 to come, which leaves 12.
const pool = { num_gpu_blocks: 8 };
const rows = (output: number) => [at(0, 12, 8), at(0, 8, output)];

test('new tokens in whole pages and the output must stay below what remains', () => {
  expect(fly(rows(3), pool)).toMatchObject([{ admitted: 0 }, { admitted: 0 }]);
  // With 8 + 4 it waits: 16 tokens are free and A has 7, 6, 5 to come, times 0.7, a little less
  // with every pass: 11.1, 11.8, then 12.5.
  expect(fly(rows(4), pool)).toMatchObject([{ admitted: 0 }, { admitted: 14 }]);
});

test('the clip bounds the output that is counted', () => {
  expect(fly(rows(20), { ...pool, clip_max_new_tokens: 3 })[1]).toMatchObject({ admitted: 0 });
});

test('with less conservativeness less is kept for those that decode', () => {
  // 16 − 7 · 0.07 = 15.5 at 10 ms.
  expect(fly(rows(4), { ...pool, schedule_conservativeness: 0.1 })[1]).toMatchObject({
    admitted: 10,
  });
});

test('a request that an empty rank could not serve is rejected, the others go on', () => {
  const [never, served] = fly([at(0, 30, 4), at(0, 4, 2)], pool);
  expect(never).toMatchObject({ admissions: 0 });
  expect(served).toMatchObject({ first: 10, last: 12 });
});
