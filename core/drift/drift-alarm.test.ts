import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DriftAlarm } from './drift-alarm.ts';

const band = fc.double({ min: 0.01, max: 1, noNaN: true });
const predicted = fc.double({ min: 0.1, max: 1e5, noNaN: true });
/** −1 … 1 of the band. */
const share = fc.double({ min: -1, max: 1, noNaN: true });

/** What comes where the error is so many times the logarithm of the band. */
function cameFor(value: number, within: number, of: number): number {
  return value * Math.exp(of * Math.log1p(within) * (1 - 1e-12));
}

test('errors within the band raise no alarm, however long they last', () => {
  fc.assert(
    fc.property(band, fc.array(fc.tuple(predicted, share), { maxLength: 300 }), (width, errors) => {
      const alarm = new DriftAlarm({ band: width, floor: 0 });
      for (const [value, of] of errors) alarm.add(value, cameFor(value, width, of));
      expect(alarm.risen).toBe(0);
    }),
  );
});

test('a step is told within the requests that the rule promises, and told once', () => {
  const step = fc.double({ min: 0.05, max: 3, noNaN: true });
  const before = fc.array(fc.tuple(predicted, share), { maxLength: 50 });
  fc.assert(
    fc.property(band, before, step, fc.boolean(), predicted, (width, errors, beyond, up, value) => {
      const alarm = new DriftAlarm({ band: width, floor: 0 });
      for (const [one, of] of errors) alarm.add(one, cameFor(one, width, of));
      const error = Math.log1p(width) + beyond;
      const gain = Math.min(1, error) - Math.log1p(width);
      fc.pre(gain > 1e-3);
      const promised = Math.ceil(4 / gain + 1e-9);
      let needed = 0;
      while (alarm.drift === 0 && needed <= promised) {
        alarm.add(value, value * Math.exp(up ? error : -error));
        needed++;
      }
      expect(needed).toBeLessThanOrEqual(promised);
      expect([alarm.drift, alarm.risen]).toEqual([up ? 1 : -1, 1]);
    }),
  );
});

test('a few wild errors are no drift, and what has drifted and come back is told to be well', () => {
  const alarm = new DriftAlarm({ band: 0.25, floor: 0 });
  for (let few = 0; few < 5; few++) expect(alarm.add(10, 1e6)).toBe(false);
  for (let well = 0; well < 20; well++) alarm.add(10, 10);
  // Four times as long: 1 − ln 1.25 = 0.777 a request, so the sixth is the one.
  const told = Array.from({ length: 40 }, () => alarm.add(10, 40));
  expect(told.indexOf(true)).toBe(5);
  expect(told.filter(Boolean)).toHaveLength(1);
  // From 6 down to 2 by ln 1.25 = 0.223 a request.
  const back = Array.from({ length: 40 }, () => alarm.add(10, 10));
  expect(back.indexOf(true)).toBe(17);
  expect([alarm.drift, alarm.risen]).toEqual([0, 1]);
});

test('below the floor nothing is a drift: 1 ms for 4 ms is nobody’s concern beside 20 ms', () => {
  const alarm = new DriftAlarm({ band: 0.25, floor: 20 });
  for (let request = 0; request < 1000; request++) alarm.add(1, 4);
  for (let request = 0; request < 1000; request++) alarm.add(0, 0);
  expect(alarm.risen).toBe(0);
});

test('engines that are faster than predicted are a drift as well, and one way follows on the other', () => {
  const alarm = new DriftAlarm({ band: 0.25, floor: 0 });
  for (let request = 0; request < 20; request++) alarm.add(100, 20);
  expect(alarm.drift).toBe(-1);
  for (let request = 0; request < 20; request++) alarm.add(100, 500);
  expect([alarm.drift, alarm.risen]).toEqual([1, 2]);
});
