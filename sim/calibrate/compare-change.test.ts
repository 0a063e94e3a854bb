import { expect, test } from 'vitest';
import { compareChanges } from './compare-change.ts';
import type { Compared, RecordingComparison } from './compare-recording.ts';

function compared(measured: number, flown: number): Compared {
  const spread = (ms: number) => ({ mean: ms, p50: ms, p99: ms });
  return { measured: spread(measured), flown: spread(flown) };
}

function recording(name: string, e2e: Compared, ttft: Compared): RecordingComparison {
  const rest = { requests: 1, prefill_tokens: 1, preemptions: 0 };
  return { name, ttft_ms: ttft, tpot_ms: compared(10, 10), e2e_ms: e2e, ...rest };
}

test('in one folder the change is that of the times as they are', () => {
  const before = recording('base/a', compared(1000, 900), compared(100, 90));
  const after = recording('base/b', compared(1100, 1000), compared(150, 120));
  const { scale, figures } = compareChanges([before, after])[0]!;
  expect(scale).toBe(1);
  expect(figures[0]).toEqual({
    latency: 'ttft_ms',
    figure: 'mean',
    measured: 1.5,
    flown: 120 / 90,
  });
  // Gaps were not timed.
  expect(figures.map(({ latency }) => latency)).not.toContain('itl_ms');
});

test('a folder of a slower machine has one factor, which its mean E2E is the yardstick of', () => {
  const before = recording('base/a', compared(1000, 1000), compared(100, 100));
  const after = recording('other/a', compared(2400, 1200), compared(300, 140));
  const { scale, figures } = compareChanges([before, after])[0]!;
  expect(scale).toBeCloseTo(2, 12);
  const of = (key: string) => figures.find(({ latency }) => latency === key)!;
  expect(of('e2e_ms').yardstick).toBe(true);
  expect(of('e2e_ms').flown).toBeCloseTo(of('e2e_ms').measured, 12);
  expect(of('ttft_ms').yardstick).toBeUndefined();
  expect([of('ttft_ms').measured, of('ttft_ms').flown]).toEqual([3, expect.closeTo(2.8, 12)]);
});

test('all recordings of a folder share its factor, so that none is right by construction', () => {
  const before = recording('base/a', compared(1000, 1000), compared(100, 100));
  const twice = recording('other/a', compared(2000, 1000), compared(200, 100));
  const eightfold = recording('other/b', compared(8000, 1000), compared(800, 100));
  const changes = compareChanges([before, twice, eightfold]);
  expect(changes.map(({ scale }) => scale)).toEqual([expect.closeTo(4, 12), expect.closeTo(4, 12)]);
  const e2e = changes[0]!.figures.find(({ latency }) => latency === 'e2e_ms')!;
  expect([e2e.measured, e2e.flown]).toEqual([2, expect.closeTo(4, 12)]);
});
