import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { openClock } from '#sim/workload/arrivals/open-clock.ts';
import { needReference } from '#test/shared.ts';
import { readRateWindows } from '#traces/servegen-files.ts';

const WINDOW_S = 600;

test('a recorded fortnight of a service: each window brings its arrivals, as bursty as they were', async (context) => {
  const file = needReference(context, 'traces', 'servegen', 'm-large_rate.csv.gz');
  const windows = await readRateWindows(file);
  expect(windows).toHaveLength(2_016);
  // A day of ten-minute windows, at a hundredth of the rate.
  const { workload } = resolveConfig({
    workload: {
      arrivals: 'recorded',
      rate_shape: { type: 'recorded', file, rate_ratio: 0.01 },
    },
  });
  const clock = openClock(workload, 42, windows);
  const counts = new Float64Array(144);
  for (let atS = 0; atS < 144 * WINDOW_S; atS = clock.arrivalNs(0) / 1e9) {
    counts[Math.floor(atS / WINDOW_S)]!++;
  }
  let worst = 0;
  let expectedTotal = 0;
  for (const [index, count] of counts.entries()) {
    const { ratePerS, cv = 1 } = windows[index]!;
    const expected = ratePerS * 0.01 * WINDOW_S;
    expectedTotal += expected;
    // The count of a renewal process has about CV² times its mean as variance.
    worst = Math.max(worst, Math.abs(count - expected) / (cv * Math.sqrt(expected)));
  }
  expect(worst).toBeLessThan(5);
  const total = counts.reduce((sum, count) => sum + count, 0);
  expect(Math.abs(total / expectedTotal - 1)).toBeLessThan(0.02);
  // The day breathes: its busiest window has more than twice the arrivals of its calmest.
  expect(Math.max(...counts) / Math.min(...counts)).toBeGreaterThan(2);
});
