import { expect, test } from 'vitest';
import { findMetric, METRICS, nearestMetric } from './lookup.ts';

test.each([
  ['ttft', 'summary.ttft_ms'],
  ['summary.ttft_ms.p99', 'summary.ttft_ms'],
  ['p99_ttft_ms', 'summary.ttft_ms'],
  ['tbt', 'summary.itl_ms'],
  ['Time per output token', 'summary.tpot_ms'],
  ['time-per-output-token', 'summary.tpot_ms'],
  ['goodput', 'summary.goodput.ratio'],
  ['goodput.completed', 'summary.goodput.completed'],
  ['completed', 'summary.completed'],
  ['wall', 'host.wall_ms'],
])('%s finds %s', (text, key) => {
  expect(findMetric(text)?.key).toBe(key);
});

test('no name leads to two metrics', () => {
  for (const metric of METRICS) {
    for (const name of [metric.key, metric.name, ...metric.aliases]) {
      expect(findMetric(name)?.key, name).toBe(metric.key);
    }
  }
});

test('every metric has words of its own', () => {
  for (const { key, definition, formula, unit } of METRICS) {
    expect(definition, key).toMatch(/\.$/);
    expect(formula.length * unit.length, key).toBeGreaterThan(0);
  }
  expect(new Set(METRICS.map((metric) => metric.definition)).size).toBe(METRICS.length);
});

test('nearest names', () => {
  expect(nearestMetric('preemption')).toBe('preemptions');
  expect(nearestMetric('xyzzy')).toBeUndefined();
});
