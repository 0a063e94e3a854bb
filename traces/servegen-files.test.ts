import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { needReference } from '#test/shared.ts';
import { TOTAL_RATE_HEADER } from './formats/servegen/rate-windows.ts';
import { readRateWindows } from './servegen-files.ts';

test('a file is read line by line, and refused by its line', async () => {
  const path = join(tmpdir(), `windtunnel-rates-${process.pid}.csv`);
  writeFileSync(path, `${TOTAL_RATE_HEADER}\n0,1,1,1\n60,x,1,1\n`);
  await expect(readRateWindows(path)).rejects.toThrow(`${path}:3: total_rate_rps`);
});

test('two weeks of ServeGen in windows of ten minutes', async (context) => {
  const path = needReference(context, 'traces', 'servegen', 'm-small_rate.csv.gz');
  const windows = await readRateWindows(path);
  expect(windows).toHaveLength(2_016);
  const mean = windows.reduce((sum, { ratePerS }) => sum + ratePerS, 0) / windows.length;
  expect(mean).toBeCloseTo(1_174.404, 3);
  expect(Math.max(...windows.map(({ ratePerS }) => ratePerS))).toBeCloseTo(3_879.508, 3);
  expect(windows.every(({ durationS }) => durationS === 600)).toBe(true);
});
