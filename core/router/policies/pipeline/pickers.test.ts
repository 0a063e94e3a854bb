import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { type BuiltInPicker, ScorePicker } from './pickers.ts';

/** How often each place is picked in so many draws. */
function count(picker: BuiltInPicker, scores: readonly number[], draws: number): number[] {
  const picks = new ScorePicker(openStream(42, 'pickers'));
  const counts = scores.map(() => 0);
  for (let draw = 0; draw < draws; draw++) {
    counts[picks.pick(picker, Float64Array.from(scores), scores.length)]!++;
  }
  return counts;
}

/** Σ (observed − expected)² ÷ expected. */
function chiSquare(counts: readonly number[], expected: readonly number[]): number {
  return counts.reduce((sum, seen, place) => {
    const due = expected[place]!;
    return due === 0 ? sum : sum + (seen - due) ** 2 / due;
  }, 0);
}

test('the greatest score wins, and equal ones are drawn for', () => {
  expect(count({ kind: 'max-score' }, [1, 3, 2], 10)).toEqual([0, 10, 0]);
  const tied = count({ kind: 'max-score' }, [-1, -1, -2, -1], 3000);
  expect(tied[2]).toBe(0);
  // Two degrees of freedom, one in a thousand.
  expect(chiSquare(tied, [1000, 1000, 0, 1000])).toBeLessThan(13.8);
});

test('at random means whatever the score', () => {
  expect(chiSquare(count({ kind: 'random' }, [9, 0, -9], 3000), [1000, 1000, 1000])).toBeLessThan(
    13.8,
  );
});

test('by weight in proportion to the scores, and none for those at 0 and below', () => {
  const counts = count({ kind: 'weighted-random' }, [1, -5, 0, 3], 4000);
  expect([counts[1], counts[2]]).toEqual([0, 0]);
  // One degree of freedom, one in a thousand.
  expect(chiSquare(counts, [1000, 0, 0, 3000])).toBeLessThan(10.8);
  const none = count({ kind: 'weighted-random' }, [0, -1], 2000);
  expect(chiSquare(none, [1000, 1000])).toBeLessThan(10.8);
});

test('softmax by the range of the scores: e^0 against e^(−1 ÷ T)', () => {
  const counts = count({ kind: 'softmax', temperature: 0.5 }, [10, 30], 4000);
  const low = Math.exp(-2) / (1 + Math.exp(-2));
  expect(chiSquare(counts, [4000 * low, 4000 * (1 - low)])).toBeLessThan(10.8);
  const many = Array.from({ length: 40 }, (_, place) => place);
  expect(count({ kind: 'softmax', temperature: 1e-6 }, many, 5)[39]).toBe(5);
});

test('one candidate draws nothing, so that its neighbours keep their numbers', () => {
  const stream = openStream(1, 'one');
  const picks = new ScorePicker(stream);
  for (const kind of ['max-score', 'random', 'weighted-random'] as const) {
    expect(picks.pick({ kind }, Float64Array.of(7), 1)).toBe(0);
  }
  expect(stream.nextInt32()).toBe(openStream(1, 'one').nextInt32());
});
