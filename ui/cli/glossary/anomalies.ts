import type { Metric } from './metric.ts';

/** What went wrong, as counters; a counter that is zero is absent. */
export const ANOMALY_METRICS: readonly Metric[] = [
  {
    key: 'summary.anomalies',
    name: 'anomalies',
    aliases: ['anomaly', 'alarms'],
    unit: 'requests or workers',
    definition:
      'Counters of what a mean hides. Each has a definition with bounds, and summary.anomaly_evidence holds the bounds and the worst case. A counter that is zero is absent.',
    formula: 'count of the cases beyond the bounds',
  },
  {
    key: 'summary.anomalies.preemption_storm',
    name: 'preemption storm',
    aliases: ['storm'],
    unit: 'requests',
    definition:
      'Requests that were preempted three times or more: work thrown away in a circle, for want of KV blocks.',
    formula: 'count of requests with admissions − 1 ≥ 3',
    confusedWith: 'preempted, which counts from the first preemption on.',
  },
  {
    key: 'summary.anomalies.mostly_queued',
    name: 'mostly queued',
    aliases: [],
    unit: 'requests',
    definition: 'Completed requests that waited for admission longer than half of their E2E.',
    formula: 'count of requests with queue time > E2E ÷ 2',
    confusedWith: 'saturation, for which the queue must grow through the whole run.',
  },
  {
    key: 'summary.anomalies.head_of_line_blocking',
    name: 'head-of-line blocking',
    aliases: ['head_of_line', 'hol', 'hol_blocking'],
    unit: 'requests',
    definition:
      'Requests that stood in their worker’s queue behind one that waited for KV blocks, although blocks enough for their own whole prompt were free at every pass, for more than half of their TTFT.',
    formula:
      'Σ waits of heads with free blocks ≥ ⌈prompt ÷ block size⌉ while the request was behind them > TTFT ÷ 2',
    confusedWith: 'Waiting for memory as such: who would not have fitted either is not counted.',
  },
  {
    key: 'summary.anomalies.priority_inversion',
    name: 'priority inversion',
    aliases: ['inversion'],
    unit: 'requests',
    definition:
      'Requests that waited while one of lower strict priority left the same queue, or one of equal strict and lower priority that had joined later. Queues are the router’s, one for each policy class and demand, and each worker’s, which is served first come first served.',
    formula: 'count of requests that were overtaken so at least once',
    confusedWith: 'Being overtaken by equals, as wspt and lcfs intend.',
  },
  {
    key: 'summary.anomalies.kv_thrash',
    name: 'KV thrash',
    aliases: ['thrash', 'thrashing'],
    unit: 'requests',
    definition:
      'Requests that computed again tokens which their worker held when they joined its queue, or when they were preempted, and had evicted by the time they came in. Counted once that is 1 % of all prefill tokens.',
    formula: 'tokens held on joining − tokens reused on coming in > 0',
    confusedWith:
      'A low reuse ratio: blocks that were evicted before the request came are a small cache and no thrash.',
  },
  {
    key: 'summary.anomalies.hot_worker',
    name: 'hot worker',
    aliases: ['hotspot', 'hot_spot'],
    unit: 'workers',
    definition:
      'Workers that computed at least 1.5 times the mean, five standard deviations beyond what random routing gives, and were busy at least half of the time.',
    formula:
      'load ≥ 1.5 × mean, load − mean ≥ 5 × √(Σ tokens² · (1/n)(1 − 1/n)), busy share ≥ 0.5; load is prefill + output tokens, n workers',
    confusedWith: 'A worker with many requests, which may all be hits.',
  },
  {
    key: 'summary.anomalies.retry_storm',
    name: 'retry storm',
    aliases: ['retries_storm', 'thundering_herd'],
    unit: 'attempts',
    definition:
      'Retries that arrived in a slice (a fortieth of the time from the first arrival to the last) in which at least 10 attempts arrived, half of them retries, and half of them were rejected or timed out in their turn: the cluster is kept busy by what it could not serve before.',
    formula: 'attempts ≥ 10, retries ÷ attempts ≥ 0.5, failed ÷ attempts ≥ 0.5 in the same slice',
    confusedWith: 'A high retry amplification, which a passing fault raises too.',
  },
  {
    key: 'summary.anomalies.saturation',
    name: 'saturation',
    aliases: ['saturated', 'overload'],
    unit: '0 or 1',
    definition:
      'The queue grows from the first arrival to the last: more comes in than is served. The slope is the median of all pairs of 41 counts (Theil–Sen) and beyond chance (Mann–Kendall, z ≥ 3.29); the growth is 10 requests and 5 % of the arrivals at least.',
    formula: 'queue(t) = arrivals until t − admissions until t',
    confusedWith:
      'A burst that passes. In closed loops and sessions users wait for their answers, which holds the queue down: see mostly_queued.',
  },
];
