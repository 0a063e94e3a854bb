import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { needReference } from '#test/shared.ts';
import type { RateWindow } from '../../formats/servegen/rate-windows.ts';
import { readServegenClients } from '../../servegen-files.ts';
import { ClientArrivals } from './client-arrivals.ts';
import { generateServegen, type ServegenClient } from './generate-servegen.ts';

function windows(...rates: readonly number[]): RateWindow[] {
  return rates.map((ratePerS, index) => ({
    startS: index * 100,
    durationS: 100,
    ratePerS,
    ...(ratePerS > 0 && { cv: 1, family: 'gamma' as const, shape: 1, scaleS: 1 }),
  }));
}

const one = { tokens: [4], upTo: [1] };
const client = (name: string, rates: readonly RateWindow[]): ServegenClient => ({
  name,
  rates,
  lengths: [{ startS: 0, input: one, output: one }],
});

test('arrivals keep to the rate of each window and skip those without', () => {
  const arrivals = new ClientArrivals(windows(20, 0, 5), 0, openStream(3, 'a'));
  const counts = [0, 0, 0];
  let before = 0;
  for (; arrivals.nextS < Number.POSITIVE_INFINITY; arrivals.advance()) {
    expect(arrivals.nextS).toBeGreaterThanOrEqual(before);
    before = arrivals.nextS;
    counts[Math.floor(arrivals.nextS / 100)]!++;
  }
  expect(counts[1]).toBe(0);
  // Poisson counts of mean 2,000 and 500: within four standard deviations.
  expect(Math.abs(counts[0]! - 2_000)).toBeLessThan(4 * Math.sqrt(2_000));
  expect(Math.abs(counts[2]! - 500)).toBeLessThan(4 * Math.sqrt(500));
});

test.each([
  ['gamma', 0.25, 2],
  ['weibull', 0.5, Math.sqrt(5)],
] as const)('gaps of a %s of shape %d have its CV', (family, shape, cv) => {
  const rate = { startS: 0, durationS: 40_000, ratePerS: 1, cv, family, shape, scaleS: 1 };
  const arrivals = new ClientArrivals([rate], 0, openStream(5, family));
  const gaps: number[] = [];
  for (let last = 0; arrivals.nextS < Number.POSITIVE_INFINITY; arrivals.advance()) {
    gaps.push(arrivals.nextS - last);
    last = arrivals.nextS;
  }
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  expect(mean).toBeCloseTo(1, 1);
  expect(Math.abs(Math.sqrt(variance) / mean - cv)).toBeLessThan(0.15);
});

test('clients are tenants, by time, and do not move each other', () => {
  const options = { fromS: 100, toS: 200, rateScale: 1, seed: 9 };
  const a = client('a', windows(9, 3));
  const rows = (clients: readonly ServegenClient[]) =>
    [...generateServegen(clients, options)].flatMap((batch) =>
      Array.from({ length: batch.count }, (_, row) => [
        batch.tenantId[row],
        batch.timestampMs[row]!,
      ]),
    );
  const both = rows([a, client('b', windows(0, 4))]);
  const times = both.map(([, timeMs]) => Number(timeMs));
  expect(times).toEqual(times.toSorted((x, y) => x - y));
  expect(times.at(-1)).toBeLessThan(100_000);
  expect(both.filter(([name]) => name === 'a')).toEqual(rows([a]));
  expect(both.length).toBeGreaterThan(500);
});

test('the published clients of m-small', async (context) => {
  const folder = needReference(context, 'traces', 'servegen');
  const { clients, withoutLengths } = await readServegenClients(
    `${folder}/client_rate_traces.tar.gz`,
    `${folder}/m-small_length_distributions.tar.gz`,
  );
  expect([clients.length, withoutLengths.length]).toEqual([38, 5]);
  const options = { fromS: 43_200, toS: 43_230, rateScale: 0.1, seed: 1 };
  const requests = [...generateServegen(clients, options)].reduce((n, { count }) => n + count, 0);
  const expected = clients.reduce((sum, { rates }) => sum + rates[72]!.ratePerS * 3, 0);
  expect(requests / expected).toBeGreaterThan(0.7);
  expect(requests / expected).toBeLessThan(1.4);
});
