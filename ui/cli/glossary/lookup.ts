import { nearestName } from '#core/base/nearest.ts';
import { ANOMALY_METRICS } from './anomalies.ts';
import { COMPARISON_METRICS } from './comparison.ts';
import { FLEET_METRICS } from './fleet.ts';
import { HAND_OFF_METRICS } from './hand-offs.ts';
import { KV_EVENT_METRICS } from './kv-events.ts';
import { LATENCY_METRICS } from './latency.ts';
import { LOAD_METRICS } from './load.ts';
import type { Metric } from './metric.ts';
import { SERIES_METRICS } from './series.ts';
import { THROUGHPUT_METRICS } from './throughput.ts';
import { WORK_METRICS } from './work.ts';

/** Every metric of a report, in the order of its table, and of a comparison. */
export const METRICS: readonly Metric[] = [
  ...LATENCY_METRICS,
  ...THROUGHPUT_METRICS,
  ...WORK_METRICS,
  ...FLEET_METRICS,
  ...HAND_OFF_METRICS,
  ...KV_EVENT_METRICS,
  ...LOAD_METRICS,
  ...ANOMALY_METRICS,
  ...COMPARISON_METRICS,
  ...SERIES_METRICS,
];

const STATISTICS = /[_.](mean|std|min|max|median|p\d+(\.\d+)?|n)$/;
const UNITS = /_(ms|rps|tok_s)$/;

/** All that a metric is called, in the spelling that look-ups compare. */
function namesOf({ key, name, aliases }: Metric): readonly string[] {
  const short = key.replace(/^summary\./, '');
  return [key, short, short.replace(UNITS, ''), name, ...aliases].map(normalize);
}

function normalize(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
}

/** Finds a metric by key, name or alias; `p99`, `mean` and units may be left on. */
export function findMetric(text: string): Metric | undefined {
  const wanted = normalize(text);
  const bare = wanted.replace(STATISTICS, '').replace(/^(p\d+|mean|median|max|min)_/, '');
  for (const candidate of [wanted, bare, bare.replace(UNITS, '')]) {
    const found = METRICS.find((metric) => namesOf(metric).includes(candidate));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The known name nearest to a misspelt one. */
export function nearestMetric(text: string): string | undefined {
  return nearestName(normalize(text), METRICS.flatMap(namesOf));
}
