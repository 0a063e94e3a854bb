import { configDigest } from '#core/config/digest.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import {
  ADVISED_METRICS,
  type Advice,
  type AdvisedMetric,
  type AdvisedPolicy,
  type Arrival,
} from '#live/shadow/advice.ts';
import { compareAll, pairsOf } from '#sim/compare/compare-all.ts';
import type { MetricComparison } from '#sim/compare/metric-comparison.ts';
import { HEADLINE_KEYS, METRICS } from '#sim/compare/metrics.ts';
import { takeOutcome } from '#sim/compare/outcome.ts';
import { ComparisonTally } from '#sim/compare/tally.ts';
import { unjudgedMetrics } from '#sim/compare/unjudged.ts';
import type { LoadedTrace } from '#traces/loaded-trace.ts';
import { fly } from '../fly.ts';
import { traceOfArrivals } from './arrivals-trace.ts';

/** The first so many of the arrivals fill the caches and count for nothing. */
const WARM_UP = 1 / 4;

/**
 * Flies every policy over the same arrivals and holds each against the first, as `compare` does under
 * one seed: what is drawn again are blocks of consecutive requests.
 */
export function adviseOn(policies: readonly AdvisedPolicy[], arrivals: readonly Arrival[]): Advice {
  const trace = traceOfArrivals(arrivals, policies[0]!.config.engine.block_size);
  const configs = policies.map(({ config }) => overArrivals(config, arrivals.length));
  const { seed } = configs[0]!;
  const candidates = policies.length;
  const tally = new ComparisonTally({ candidates, seeds: 1, requests: arrivals.length, seed });
  tally.addSeed(configs.map((config) => outcomeOf(config, trace)));
  const result = tally.finish();
  const unjudged = unjudgedMetrics(configs);
  const judged = compareAll(
    { ...result, unjudged },
    METRICS,
    pairsOf(candidates, 0, false),
    HEADLINE_KEYS,
  );
  const spanNs = arrivals.at(-1)!.arrivedNs - arrivals[0]!.arrivedNs;
  return {
    requests: result.pairedRequests,
    span_s: spanNs / 1e9,
    policies: policies.map(({ name, file }, index) => ({
      name,
      ...(file !== undefined && { file }),
      metrics: advisedMetrics(judged.of(index, 0, ADVISED_METRICS)),
    })),
  };
}

function outcomeOf(config: ResolvedConfig, trace: LoadedTrace) {
  const flight = { trace, rates: undefined, config, configSha256: configDigest(config) };
  const { result, report } = fly({ ...flight, seed: config.seed }, undefined);
  return takeOutcome(report, result.requests);
}

/** The same run over arrivals as they came. */
function overArrivals(config: ResolvedConfig, requests: number): ResolvedConfig {
  return {
    ...config,
    workload: {
      ...config.workload,
      arrivals: 'trace',
      trace_block_size: config.engine.block_size,
      warmup_requests: Math.floor(requests * WARM_UP),
    },
  };
}

function advisedMetrics(metrics: Readonly<Record<string, MetricComparison>>) {
  return Object.fromEntries(
    ADVISED_METRICS.flatMap((key) => {
      const found = metrics[key];
      return found === undefined ? [] : [[key, advisedMetric(found)]];
    }),
  );
}

/** Of several policies judged together, the verdict that holds for all at once. */
function advisedMetric({ value, ratio, ...rest }: MetricComparison): AdvisedMetric {
  const verdict = rest.verdict_holm ?? rest.verdict;
  const { low, high } = ratio ?? {};
  return {
    value,
    ...(ratio !== undefined && { ratio: ratio.estimate }),
    ...(low !== undefined && high !== undefined && { low, high }),
    ...(verdict !== undefined && { verdict }),
  };
}
