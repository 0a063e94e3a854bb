import { expect, test } from 'vitest';
import { RateWindowReader, TOTAL_RATE_HEADER } from './rate-windows.ts';

function read(...lines: readonly string[]) {
  const reader = new RateWindowReader('rates.csv');
  for (const [index, line] of lines.entries()) reader.readLine(line, index + 1);
  return reader.windows();
}

test('a total has rates and a CV', () => {
  expect(read(TOTAL_RATE_HEADER, '0,800.5,20,2.5', '600,0,0,0', '900,1e-3,1,1')).toEqual([
    { startS: 0, durationS: 600, ratePerS: 800.5, cv: 2.5 },
    { startS: 600, durationS: 300, ratePerS: 0 },
    { startS: 900, durationS: 300, ratePerS: 0.001, cv: 1 },
  ]);
});

test('a client has the family of its gaps', () => {
  expect(read('0,0,0,,0,0', '600,0.5,2,Gamma,0.25,8', '1200,4,1.5,Weibull,0.7,0.2')).toEqual([
    { startS: 0, durationS: 600, ratePerS: 0 },
    { startS: 600, durationS: 600, ratePerS: 0.5, cv: 2, family: 'gamma', shape: 0.25, scaleS: 8 },
    {
      startS: 1200,
      durationS: 600,
      ratePerS: 4,
      cv: 1.5,
      family: 'weibull',
      shape: 0.7,
      scaleS: 0.2,
    },
  ]);
});

test.each([
  [['window_start_s,rate'], 'rates.csv:1: not the header of a rate file'],
  [['0,1'], 'rates.csv:1: the row has 2 cells, expected 6'],
  [['0,1,1,Pareto,1,1'], 'rates.csv:1: family: not a known family of gaps; received "Pareto"'],
  [['0,1,1,Gamma,0,1'], 'a family needs a shape and a scale above 0'],
  [['0,-1,1,Gamma,1,1'], 'rates.csv:1: rate: not a usable number; received "-1"'],
  [
    ['600,1,1,,0,0', '600,1,1,,0,0'],
    'rates.csv:2: start: time does not go on; received "600 after',
  ],
  [['0,1,1,,0,0'], 'a rate needs at least two windows'],
])('refuses %j', (lines, message) => {
  expect(() => read(...lines)).toThrow(message);
});
