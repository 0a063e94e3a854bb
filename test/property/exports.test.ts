import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { dynamoMetrics } from '#sim/report/exports/dynamo-metrics.ts';
import { perfettoTrace } from '#sim/report/exports/perfetto.ts';
import { vllmMetrics } from '#sim/report/exports/vllm-metrics.ts';
import type { RunResult } from '#sim/report/run-result.ts';
import { run } from '#sim/run.ts';
import { NEVER, RequestStatus } from '#sim/workload/request-table.ts';
import { traceOf } from '../reference/hand-trace.ts';
import { parsePrometheus, type Sample } from '../reference/prometheus-parser.ts';
import { type ParsedTrace, traceProblems } from '../reference/trace-checker.ts';
import { check } from './check.ts';
import { configOf, flightArbitrary, type RandomFlight } from './random-flight.ts';

const flight = flightArbitrary(['fixed', 'linear', 'table']);
const limit = fc.oneof(fc.constant(undefined), fc.integer({ min: 1, max: 300 }));

function fly(drawn: RandomFlight, ms: number | undefined): RunResult {
  const simulation = ms === undefined ? {} : { max_sim_time_ms: ms };
  const config = configOf({ ...drawn, config: { ...drawn.config, simulation } }, 'leap');
  return run({ config, seed: 7, timelineStepNs: 5e6, ...traceOf(drawn.rows) });
}

function parse(result: RunResult, eventsMax?: number): ParsedTrace {
  const { pieces } = perfettoTrace(result, result.timeline!, { seed: 7 }, eventsMax);
  return JSON.parse([...pieces].join('')) as ParsedTrace;
}

test('a trace is well-formed: in order, nested, with whole arrows, within the run', () => {
  let arrows = 0;
  check(fc.tuple(flight, limit), 120, ([drawn, ms]) => {
    const result = fly(drawn, ms);
    const trace = parse(result);
    expect(traceProblems(trace, result.simulatedNs / 1000)).toEqual([]);
    const spans = trace.traceEvents.filter(({ name }) => name.startsWith('request '));
    const routed = result.requests.worker.subarray(0, result.requests.count).filter((w) => w >= 0);
    expect(spans).toHaveLength(routed.length);
    expect(trace.otherData).toMatchObject({ seed: 7, aggregated: false });
    arrows += trace.traceEvents.filter(({ ph }) => ph === 'f').length;
  });
  if (process.env.WINDTUNNEL_PATH === undefined) expect(arrows).toBeGreaterThan(400);
});

test('beyond its limit a trace sums up, shows the slowest and stays small', () => {
  check(flight, 80, (drawn) => {
    const result = fly(drawn, undefined);
    const trace = parse(result, 64);
    expect(traceProblems(trace, result.simulatedNs / 1000)).toEqual([]);
    const drawnEvents = trace.traceEvents.filter(({ ph }) => ph !== 'M');
    // One last sample may stand beyond whole strides.
    expect(drawnEvents.length).toBeLessThanOrEqual(64 + 3 * result.timeline!.targets + 1);
    expect(trace.otherData.requests_shown).toBe(Math.min(4, result.requests.count));
    expect(trace.otherData.aggregated).toBe(result.requests.count > 4);
  });
});

function total(samples: readonly Sample[], name: string): number {
  return samples.filter((s) => s.name === name).reduce((sum, { value }) => sum + value, 0);
}

test('metrics parse, histograms are whole, and their sums are those of the run', () => {
  check(fc.tuple(flight, limit), 80, ([drawn, ms]) => {
    const result = fly(drawn, ms);
    const { requests: table, tallies } = result;
    const text = vllmMetrics(result, 'Model "x"\\') + dynamoMetrics(result, 'Model');
    const { types, samples } = parsePrometheus(text);
    for (const [name, type] of types) if (type === 'histogram') expectHistogram(samples, name);
    const rows = Array.from({ length: table.count }, (_, row) => row);
    const completed = rows.filter((row) => table.status[row] === RequestStatus.completed);
    const admitted = rows.filter((row) => table.firstAdmitNs[row] !== NEVER);
    const tokens = tallies.reduce((sum, tally) => sum + tally.outputTokens, 0);
    expect(total(samples, 'vllm:generation_tokens_total')).toBe(tokens);
    expect(total(samples, 'vllm:request_success_total')).toBe(completed.length);
    expect(total(samples, 'vllm:num_preemptions_total')).toBe(result.preemptions);
    expect(usageOf(samples)).toEqual(usageAtEnd(result));
    expect(total(samples, 'vllm:prefix_cache_queries_total')).toBe(
      admitted.reduce((sum, row) => sum + table.inputTokens[row]!, 0),
    );
    const withOutput = completed.filter((row) => table.outputTokens[row]! > 0);
    const first = 'time_to_first_token_seconds_count';
    expect(total(samples, `vllm:${first}`)).toBe(withOutput.length);
    expect(total(samples, `dynamo_frontend_${first}`)).toBe(withOutput.length);
    expect(total(samples, 'vllm:inter_token_latency_seconds_count')).toBe(result.itlNs.count);
  });
});

/** Of each engine, in their order. */
function usageOf(samples: readonly Sample[]): readonly number[] {
  const usage = samples.filter(({ name }) => name === 'vllm:kv_cache_usage_perc');
  return usage.map(({ value }) => value);
}

/** The same from the last step of the timeline. */
function usageAtEnd({ timeline, tallies, totalKvBlocks }: RunResult): readonly number[] {
  const { count, kvUsedBlocks } = timeline!;
  return tallies.map((_, target) => {
    return kvUsedBlocks[(count - 1) * tallies.length + target]! / totalKvBlocks;
  });
}

/** Buckets rise with their bounds, and the last one holds all. */
function expectHistogram(samples: readonly Sample[], name: string): void {
  const buckets = samples.filter((sample) => sample.name === `${name}_bucket`);
  const counts = samples.filter((sample) => sample.name === `${name}_count`);
  let before = Number.POSITIVE_INFINITY;
  let largest = 0;
  let whole = 0;
  for (const { labels, value } of buckets) {
    const bound = labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le);
    if (bound <= before) largest = 0;
    expect(value).toBeGreaterThanOrEqual(largest);
    if (labels.le === '+Inf') expect(value).toBe(counts[whole++]!.value);
    largest = value;
    before = bound;
  }
  expect(whole).toBe(counts.length);
}
