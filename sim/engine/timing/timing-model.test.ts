import { expect, test } from 'vitest';
import { shapeOf } from './timing.fixture.ts';
import { DecodeCurve } from './timing-model.ts';

test('a shape adds up its prompts exactly', () => {
  const shape = shapeOf([
    [100, 0],
    [28, 64],
  ]);
  expect(shape).toMatchObject({ prefillRequests: 2, prefillTokens: 128, prefixTokens: 64 });
  // 100 · (0 + 50) + 28 · (64 + 14)
  expect(shape.prefillAttentionPairs).toBe(7184);
  shape.decodeRequests = 3;
  shape.otherTokens = 5;
  shape.clear();
  expect(Object.values(shape)).toEqual([0, 0, 0, 0, 0, 0, undefined]);
});

test('a cleared curve begins anew', () => {
  const curve = new DecodeCurve();
  curve.add(10, 1, 2, 3);
  curve.add(Number.POSITIVE_INFINITY, 4, 5, 6);
  curve.clear();
  curve.add(20, 7, 8, 9);
  expect([curve.pieces, curve.end[0], curve.c0[0], curve.c1[0], curve.c2[0]]).toEqual([
    1, 20, 7, 8, 9,
  ]);
});
