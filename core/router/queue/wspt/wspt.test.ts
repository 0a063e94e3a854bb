import { expect, test } from 'vitest';
import { scoreWspt } from './wspt.ts';

test('weight over uncached tokens, of which there is at least one', () => {
  expect(scoreWspt(0, 9, 200, 0)).toBe(1 / 200);
  expect(scoreWspt(3, 9, 200, 100)).toBe(4 / 100);
  expect(scoreWspt(-1, 9, 64, 64)).toBe(1);
  expect(scoreWspt(0, 9, 64, 128)).toBe(1);
});
