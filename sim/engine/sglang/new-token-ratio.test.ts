import { expect, test } from 'vitest';
import { NewTokenRatio } from './new-token-ratio.ts';

test('the ratio falls evenly to its least in 600 passes, and stays there', () => {
  const ratio = new NewTokenRatio(0.7, 0.098);
  expect(ratio.value).toBe(0.7);
  ratio.decay(300);
  expect(ratio.value).toBeCloseTo(0.399, 12);
  expect(ratio.after(150)).toBeCloseTo(0.2485, 12);
  ratio.decay(400);
  expect(ratio.value).toBe(0.098);
});

test('a retraction sets it to what the others will have generated 20 passes on', () => {
  const ratio = new NewTokenRatio(0.7, 0.098);
  ratio.decay(500);
  // Two requests with 30 of 199 tokens: (30 + 40) / 200.
  ratio.raise(2, 30, 199);
  expect(ratio.value).toBe(0.35);
  ratio.raise(5, 90, 120);
  expect(ratio.value).toBe(1);
  ratio.decay(1);
  expect(ratio.value).toBeCloseTo(1 - 0.602 / 600, 12);
});
