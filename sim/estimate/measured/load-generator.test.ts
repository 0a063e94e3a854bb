import { expect, test } from 'vitest';
import { generatorHabitsOf } from './load-generator.ts';
import type { MeasuredRow } from './measured-row.ts';

function row(changes: Partial<MeasuredRow>, workload: object = {}): MeasuredRow {
  const dataset = 'inference-perf shared_prefix';
  const load = { kind: 'open-loop', request_rate: 5, dataset, ...workload };
  return { id: 'a', model: 'm', gpu: 'g', tp: 1, engine: 'vllm', workload: load, ...changes };
}

test('inference-perf gives requests up after five minutes', () => {
  expect(generatorHabitsOf(row({}))).toEqual({ timeoutMs: 300_000 });
  expect(generatorHabitsOf(row({}, { dataset: 'random' }))).toEqual({});
});

test("the workers of KubeCon's demos hold requests back", () => {
  const habits = generatorHabitsOf(row({ family: 'inference-perf-kubecon' }));
  expect(habits.maxConcurrency).toBe(440);
});

test('what a row says itself goes before what is known of its tool', () => {
  const said = { max_concurrency: 32, timeout_s: 60 };
  const habits = generatorHabitsOf(row({ family: 'inference-perf-kubecon' }, said));
  expect(habits).toEqual({ maxConcurrency: 32, timeoutMs: 60_000 });
});
