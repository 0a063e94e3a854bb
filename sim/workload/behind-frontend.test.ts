import { expect, test } from 'vitest';
import { NS_PER_MS, type Ns } from '#core/base/time.ts';
import { BehindFrontend } from './behind-frontend.ts';
import type { Workload } from './workload.ts';

/** One client: each end brings the next request at once. */
class OneClient implements Workload {
  nextArrivalNs: Ns = 0;
  taken = 0;

  take(): number {
    this.nextArrivalNs = Number.POSITIVE_INFINITY;
    return this.taken++;
  }

  ended(_row: number, nowNs: Ns): void {
    this.nextArrivalNs = nowNs;
  }
}

/** Waits between an end and the next arrival, in milliseconds, of requests that take 1 ms. */
function waits(frontendMs: number, seed: number, requests: number): number[] {
  const loop = new BehindFrontend(new OneClient(), frontendMs * NS_PER_MS, seed);
  return Array.from({ length: requests }, () => {
    const endNs = loop.nextArrivalNs + NS_PER_MS;
    loop.ended(loop.take(loop.nextArrivalNs), endNs);
    return (loop.nextArrivalNs - endNs) / NS_PER_MS;
  });
}

test('the next request comes after what the frontend takes, which is its mean and twice that at most', () => {
  const all = waits(20, 7, 4000);
  const mean = all.reduce((sum, wait) => sum + wait, 0) / all.length;
  expect(mean).toBeGreaterThan(19);
  expect(mean).toBeLessThan(21);
  expect(Math.min(...all)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...all)).toBeLessThanOrEqual(40);
});

test('the same seed gives the same waits, another one others', () => {
  expect(waits(20, 7, 10)).toEqual(waits(20, 7, 10));
  expect(waits(20, 7, 10)).not.toEqual(waits(20, 8, 10));
});

test('what is due by itself comes when it is due', () => {
  const loop = new BehindFrontend(new OneClient(), 20 * NS_PER_MS, 7);
  expect(loop.nextArrivalNs).toBe(0);
});
