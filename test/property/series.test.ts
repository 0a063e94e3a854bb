import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DataTable } from '#sim/report/data-table.ts';
import type { RunResult } from '#sim/report/run-result.ts';
import { runSeries } from '#sim/report/series/run-series.ts';
import { workerSeries } from '#sim/report/series/worker-series.ts';
import { addUp } from '#sim/report/totals.ts';
import { run } from '#sim/run.ts';
import { traceOf } from '../reference/hand-trace.ts';
import { check } from './check.ts';
import { configOf, flightArbitrary, type RandomFlight } from './random-flight.ts';

const SLO = { ttft_ms: 30 };
const flight = flightArbitrary(['fixed', 'linear', 'table']);
const step = fc.integer({ min: 1_000_000, max: 60_000_000 });

function fly(drawn: RandomFlight, stepping: 'exact' | 'leap', timelineStepNs: number): RunResult {
  const config = configOf(drawn, stepping);
  return run({ config, seed: 7, timelineStepNs, ...traceOf(drawn.rows) });
}

function column(table: DataTable, name: string): readonly number[] {
  return table.find((entry) => entry.name === name)!.values.map((value) => Number(value ?? 0));
}

/** Σ of a column; of a rate, its integral over time. */
function total(table: DataTable, name: string): number {
  const ends = column(table, 'to_ms');
  const isRate = /_(rps|tok_s)$/.test(name);
  return column(table, name).reduce((sum, value, row) => {
    const seconds = (ends[row]! - (row === 0 ? 0 : ends[row - 1]!)) / 1000;
    return sum + (isRate ? value * seconds : value);
  }, 0);
}

test('the integrals of the series are the totals of the summary', () => {
  check(fc.tuple(flight, step), 300, ([drawn, stepNs]) => {
    const result = fly(drawn, 'leap', stepNs);
    const totals = addUp(result.requests, 0);
    const series = runSeries(result, result.timeline!, SLO);
    expect(total(series, 'arrivals')).toBe(totals.requests);
    expect(total(series, 'completed')).toBe(totals.completed);
    expect(total(series, 'rejected')).toBe(totals.rejected);
    // A run that takes no time at all has no rates.
    if (result.simulatedNs === 0) return;
    expect(total(series, 'arrival_rps')).toBeCloseTo(totals.requests, 6);
    expect(total(series, 'completed_rps')).toBeCloseTo(totals.completed, 6);
    expect(total(series, 'output_tok_s')).toBeCloseTo(totals.outputTokens, 5);
    expect(total(series, 'prefill_tok_s')).toBeCloseTo(result.committedPrefillTokens, 5);
    for (const name of ['kv_used_ratio', 'kv_cached_ratio', 'busy_ratio', 'hit_ratio']) {
      for (const value of column(series, name)) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1 + 1e-9);
      }
    }
  });
});

test('leaping and stepping give the same series, of the run and of each worker', () => {
  check(fc.tuple(flight, step), 200, ([drawn, stepNs]) => {
    const [leap, exact] = (['leap', 'exact'] as const).map((how) => fly(drawn, how, stepNs));
    expect(runSeries(leap!, leap!.timeline!, SLO)).toEqual(
      runSeries(exact!, exact!.timeline!, SLO),
    );
    expect(workerSeries(leap!, leap!.timeline!)).toEqual(workerSeries(exact!, exact!.timeline!));
  });
});
