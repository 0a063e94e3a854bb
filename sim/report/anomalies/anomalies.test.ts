import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HeadWaitLog } from '../../engine/rank/head-wait-log.ts';
import { WorkerTally } from '../../engine/worker-tally.ts';
import { type HandRequest, handRun } from '../run-result.fixture.ts';
import type { RunResult } from '../run-result.ts';
import { findAnomalies } from './anomalies.ts';
import { evidenceText } from './evidence.ts';
import { robustTrend } from './robust-slope.ts';

function anomaliesOf(requests: readonly HandRequest[], rest: Partial<RunResult> = {}) {
  return findAnomalies(handRun(requests, rest));
}

test('three preemptions of one request are a storm, two are not', () => {
  const { anomalies, evidence } = anomaliesOf(
    [
      { arrivalMs: 0, admitMs: 0, tokensMs: [10], admissions: 3, worker: 0 },
      { arrivalMs: 0, admitMs: 0, tokensMs: [10], admissions: 6, worker: 0 },
    ],
    { preemptions: 7 },
  );
  expect(anomalies).toEqual({ preempted: 2, preemption_storm: 1 });
  expect(evidence?.preemption_storm?.worst).toEqual({
    request: 1,
    worker: 0,
    preemptions: 5,
    preemptions_of_all: 7,
  });
});

/** A head that waited from 10 to 50 ms while 3 blocks of 64 tokens were free. */
function blockedHead(): HeadWaitLog {
  const log = new HeadWaitLog();
  log.append(0, 10e6, 50e6, 3);
  return log;
}

test('who fits behind a head that does not stands blocked, who does not fit only waits', () => {
  const { anomalies, evidence } = anomaliesOf(
    [
      { arrivalMs: 5, admitMs: 50, tokensMs: [90], inputTokens: 6400, worker: 0 },
      // 3 blocks, from 20 to 50 of a TTFT of 40 ms: blocked.
      { arrivalMs: 20, admitMs: 50, tokensMs: [60], inputTokens: 192, worker: 0 },
      // 4 blocks: no room for it either.
      { arrivalMs: 20, admitMs: 50, tokensMs: [60], inputTokens: 193, worker: 0 },
      // Blocked for 10 of 20 ms, which is not more than half; and one on another worker.
      { arrivalMs: 40, admitMs: 50, tokensMs: [60], inputTokens: 10, worker: 0 },
      { arrivalMs: 20, admitMs: 50, tokensMs: [60], inputTokens: 10, worker: 1 },
    ],
    { workers: 2, headWaits: blockedHead() },
  );
  expect(anomalies.head_of_line_blocking).toBe(1);
  expect(evidence?.head_of_line_blocking?.worst).toEqual({
    request: 1,
    worker: 0,
    at_ms: 20,
    blocked_ms: 30,
    needed_blocks: 3,
  });
});

test('a lower strict priority that leaves first is an inversion', () => {
  const hands = [
    { arrivalMs: 0, admitMs: 40, tokensMs: [50], worker: 0 },
    { arrivalMs: 5, admitMs: 30, tokensMs: [50], worker: 0 },
  ];
  const result = handRun(hands);
  result.requests.strictPriority.set([2, 1]);
  const { anomalies, evidence } = findAnomalies(result);
  expect(anomalies.priority_inversion).toBe(1);
  expect(evidence?.priority_inversion?.worst).toMatchObject({ request: 0, overtaken_by: 1 });
  result.requests.strictPriority.set([1, 2]);
  expect(findAnomalies(result).anomalies.priority_inversion).toBeUndefined();
});

test('tokens lost to eviction are thrash from one percent of all prefill on', () => {
  const lose = (tokens: number) => {
    const hands = [{ arrivalMs: 0, admitMs: 1, tokensMs: [5], worker: 0 }];
    const result = handRun(hands, { committedPrefillTokens: 10_000 });
    result.requests.lostTokens[0] = tokens;
    return findAnomalies(result);
  };
  expect(lose(99).anomalies.kv_thrash).toBeUndefined();
  expect(lose(100).anomalies.kv_thrash).toBe(1);
  expect(lose(640).evidence?.kv_thrash?.worst).toMatchObject({
    lost_tokens: 640,
    lost_share_of_prefill: 0.064,
  });
});

/** A hundred requests of 100 tokens on four targets, of which the first gets `share`. */
function fleet(share: number, busyRatio = 0.9): RunResult {
  const first = Math.round(share * 100);
  const hands = Array.from({ length: 100 }, (_, index) => {
    const worker = index < first ? 0 : 1 + (index % 3);
    return { arrivalMs: index, admitMs: index, tokensMs: [index + 1], inputTokens: 99, worker };
  });
  const tallies = Array.from({ length: 4 }, () => new WorkerTally());
  const simulatedNs = 1e9;
  for (const { worker } of hands) tallies[worker]!.prefillTokens += 100;
  for (const tally of tallies) tally.busyNs = busyRatio * simulatedNs;
  return handRun(hands, { workers: 4, tallies, simulatedNs });
}

test('a worker is hot when it is far from the mean, beyond chance, and busy', () => {
  // σ = √(100 · 100² · ¼ · ¾) = 433 tokens around a mean of 2,500; five of them are 2,165.
  const { anomalies, evidence } = findAnomalies(fleet(0.5));
  expect(anomalies.hot_worker).toBe(1);
  expect(evidence?.hot_worker?.worst).toMatchObject({ worker: 0, load_to_mean: 2 });
  expect(evidence?.hot_worker?.worst.deviations).toBeCloseTo(2500 / 433.01, 3);
  expect(findAnomalies(fleet(0.44)).anomalies.hot_worker).toBeUndefined();
  expect(findAnomalies(fleet(0.5, 0.4)).anomalies.hot_worker).toBeUndefined();
  expect(findAnomalies(fleet(0.25)).anomalies.hot_worker).toBeUndefined();
  const timeless = { ...fleet(0.5, 0), simulatedNs: 0 };
  expect(findAnomalies(timeless).anomalies.hot_worker).toBeUndefined();
});

test('a queue that grows through the whole run is saturation, one that comes and goes is not', () => {
  // One request a millisecond arrives, one in two milliseconds is admitted.
  const growing = Array.from({ length: 200 }, (_, index): HandRequest => {
    return { arrivalMs: index, admitMs: 2 * index, tokensMs: [2 * index + 1] };
  });
  const { anomalies, evidence } = anomaliesOf(growing);
  expect(anomalies.saturation).toBe(1);
  expect(evidence?.saturation?.worst.slope_rps).toBeCloseTo(500, -1);
  expect(evidence?.saturation?.worst.queue_at_last_arrival).toBe(100);
  const keptUp = growing.map((hand, index) => ({ ...hand, admitMs: index + (index % 7) }));
  expect(anomaliesOf(keptUp).anomalies.saturation).toBeUndefined();
  const burst = growing.map((hand) => ({ ...hand, arrivalMs: 0 }));
  expect(anomaliesOf(burst).anomalies.saturation).toBeUndefined();
});

test('the trend of 0, 1, 2, 2, 4: slope 1, S = 9 of 10 pairs', () => {
  // Var S = (5·4·15 − 2·1·9)/18 = 15.67; z = (9 − 1)/√15.67.
  const { slope, z } = robustTrend([0, 1, 2, 2, 4]);
  expect(slope).toBe(1);
  expect(z).toBeCloseTo(8 / Math.sqrt(282 / 18), 12);
});

test('every number of evidence has words', () => {
  const folder = import.meta.dirname;
  const detectors = readdirSync(folder).filter((name) => !/test|evidence/.test(name));
  const keys = detectors.flatMap((name) => {
    const source = readFileSync(join(folder, name), 'utf8');
    const worst = [...source.matchAll(/worst: \{\n(.*?)\n {6}\}/gs)].map(([, body = '']) => body);
    return worst.flatMap((body) => [...body.matchAll(/^ {8}(\w+):/gm)].map(([, key = '']) => key));
  });
  expect(keys.length).toBeGreaterThan(15);
  for (const key of keys)
    expect(evidenceText({ threshold: {}, worst: { [key]: 2 } }), key).toMatch(/2/);
});

test('evidence is said in words with units', () => {
  const worst = {
    request: 12,
    worker: 3,
    blocked_ms: 340.21,
    preemptions: 3,
    preemptions_of_all: 153,
  };
  expect(evidenceText({ threshold: {}, worst })).toBe(
    'worst: request 12, worker 3, blocked for 340.2 ms, preempted 3 times, of 153 preemptions in the run',
  );
});
