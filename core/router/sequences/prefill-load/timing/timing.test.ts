import { expect, test } from 'vitest';
import { openPrefillLoad } from '../prefill-load-model.ts';

test('the piece that the new tokens fall into, and the prefix on top', () => {
  const model = openPrefillLoad({
    model: 'timing',
    times: {
      pieces: [
        { upTo: 10, c0: 5, c1: 0, c2: 0 },
        { upTo: 20, c0: 1, c1: 0.5, c2: 0.01 },
      ],
      perPrefixTokenMs: 0.25,
    },
  });
  expect(model(10, 0)).toBe(5_000_000);
  // 1 + 0.5·20 + 0.01·400 + 0.25·8 = 17 ms.
  expect(model(20, 8)).toBe(17_000_000);
  // Beyond the last piece it goes on: 1 + 15 + 9.
  expect(model(30, 0)).toBe(25_000_000);
});
