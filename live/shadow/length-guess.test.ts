import { expect, test } from 'vitest';
import { LengthGuess } from './length-guess.ts';

test('a hint is believed, up to what is asked for; without either it is what answers have had', () => {
  const guess = new LengthGuess();
  expect(guess.of(40, 0)).toBe(40);
  expect(guess.of(40, 16)).toBe(16);
  expect(guess.of(0, 200)).toBe(200);
  expect(guess.of(0, 0)).toBe(128);
  for (let answer = 0; answer < 10; answer++) guess.learn(200, 50);
  expect(guess.of(0, 200)).toBe(50);
  expect(guess.of(0, 1)).toBe(1);
  expect(guess.of(0, 0)).toBe(128);
  guess.learn(0, 30);
  guess.learn(0, 50);
  expect(guess.of(0, 0)).toBe(40);
});

test('what answers have lately had counts more', () => {
  const guess = new LengthGuess();
  for (let answer = 0; answer < 1000; answer++) guess.learn(0, 10);
  for (let answer = 0; answer < 300; answer++) guess.learn(0, 90);
  expect(guess.of(0, 0)).toBeGreaterThan(85);
});
