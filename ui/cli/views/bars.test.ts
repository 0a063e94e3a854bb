import { expect, test } from 'vitest';
import { bar, sparkline } from './bars.ts';

test('a sparkline is relative to its largest value', () => {
  expect(sparkline([0, 1, 2, 4, 8])).toBe('▁▂▃▅█');
  expect(sparkline([])).toBe('');
  expect(sparkline([0, 0])).toBe('');
});

test('a bar has eighths of a character and keeps to its width', () => {
  expect(bar(0.5, 4)).toBe('██');
  expect(bar(0.53125, 4)).toBe('██▏');
  expect(bar(0, 4)).toBe('');
  expect(bar(7, 4)).toBe('████');
});
