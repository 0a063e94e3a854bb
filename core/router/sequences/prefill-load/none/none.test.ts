import { expect, test } from 'vitest';
import { openPrefillLoad } from '../prefill-load-model.ts';

test('nothing is expected of any prompt', () => {
  const model = openPrefillLoad({ model: 'none' });
  expect([model(1, 0), model(4096, 512)]).toEqual([undefined, undefined]);
});
