import { NS_PER_S } from '#core/base/time.ts';
import type { SloConfig } from '#core/config/schema.ts';
import type { Timeline } from '../../cluster/timeline.ts';
import { NEVER, RequestStatus, type RequestTable } from '../../workload/request-table.ts';
import { type DataTable, numberColumn } from '../data-table.ts';
import { hasSlo, meetsSlo } from '../goodput.ts';
import { e2eMs, isCompleted, type Latency, ttftMs } from '../latency.ts';
import type { RunResult } from '../run-result.ts';
import { StepValues } from './step-values.ts';
import { stepSeconds, stepTimes } from './steps.ts';

/** Counts of what happened in each step. */
interface StepCounts {
  readonly arrivals: Float64Array;
  readonly completed: Float64Array;
  readonly rejected: Float64Array;
  readonly cancelled: Float64Array;
  readonly timedOut: Float64Array;
  readonly good: Float64Array;
  readonly admittedTokens: Float64Array;
  readonly hitTokens: Float64Array;
}

/**
 * The run step by step: one row a step, from the end of the one before to `to_ms`, the first from 0.
 * Counts and rates are of what happened within the step, at its end included; queues, batches and
 * blocks are what they were at its end. A percentile is of the requests whose first token (TTFT) or
 * last (E2E) came within the step. What has no sample has no value.
 */
export function runSeries(result: RunResult, timeline: Timeline, slo: SloConfig): DataTable {
  const { requests, totalKvBlocks } = result;
  const counts = countSteps(requests, timeline, slo);
  const seconds = stepSeconds(timeline);
  const perSecond = (values: Float64Array): Float64Array =>
    values.map((value, step) => value / seconds[step]!);
  const kvBlocks = totalKvBlocks * timeline.targets;
  const ratio = (part: Float64Array, whole: Float64Array): Float64Array =>
    part.map((value, step) => value / whole[step]!);
  const ended = counts.completed.map(
    (value, step) => value + counts.rejected[step]! + counts.timedOut[step]!,
  );
  const busy = differences(timeline, timeline.busyNs);
  const ttft = latencyByStep(requests, timeline, requests.firstTokenNs, ttftMs);
  const e2e = latencyByStep(requests, timeline, requests.terminalNs, e2eMs);
  return [
    numberColumn('to_ms', 'double', stepTimes(timeline)),
    numberColumn('arrivals', 'int', counts.arrivals),
    numberColumn('completed', 'int', counts.completed),
    numberColumn('rejected', 'int', counts.rejected),
    numberColumn('cancelled', 'int', counts.cancelled),
    numberColumn('timed_out', 'int', counts.timedOut),
    numberColumn('arrival_rps', 'double', perSecond(counts.arrivals)),
    numberColumn('completed_rps', 'double', perSecond(counts.completed)),
    numberColumn('router_queue', 'int', timeline.routerQueue.subarray(0, timeline.count)),
    numberColumn('waiting', 'int', sumOver(timeline, timeline.waiting)),
    numberColumn('running', 'int', sumOver(timeline, timeline.running)),
    numberColumn(
      'kv_used_ratio',
      'double',
      sumOver(timeline, timeline.kvUsedBlocks).map((b) => b / kvBlocks),
    ),
    numberColumn(
      'kv_cached_ratio',
      'double',
      sumOver(timeline, timeline.kvCachedBlocks).map((b) => b / kvBlocks),
    ),
    numberColumn(
      'prefill_tok_s',
      'double',
      perSecond(differences(timeline, timeline.prefillTokens)),
    ),
    numberColumn('output_tok_s', 'double', perSecond(differences(timeline, timeline.outputTokens))),
    numberColumn(
      'busy_ratio',
      'double',
      busy.map((ns, step) => ns / (seconds[step]! * NS_PER_S * timeline.targets)),
    ),
    numberColumn('hit_ratio', 'double', ratio(counts.hitTokens, counts.admittedTokens)),
    ...percentileColumns('ttft_ms', ttft, timeline.count),
    ...percentileColumns('e2e_ms', e2e, timeline.count),
    ...(hasSlo(slo)
      ? [
          numberColumn('goodput_rps', 'double', perSecond(counts.good)),
          numberColumn('goodput_ratio', 'double', ratio(counts.good, ended)),
        ]
      : []),
  ];
}

function percentileColumns(name: string, values: StepValues, steps: number): DataTable {
  return [50, 99].map((p) => {
    const column = Float64Array.from({ length: steps }, (_, step) => values.percentile(step, p));
    return numberColumn(`${name}_p${p}`, 'double', column);
  });
}

function countSteps(requests: RequestTable, timeline: Timeline, slo: SloConfig): StepCounts {
  const column = (): Float64Array => new Float64Array(timeline.count);
  const counts: StepCounts = {
    arrivals: column(),
    completed: column(),
    rejected: column(),
    cancelled: column(),
    timedOut: column(),
    good: column(),
    admittedTokens: column(),
    hitTokens: column(),
  };
  for (let row = 0; row < requests.count; row++) {
    if (requests.arrivalNs[row] === NEVER) continue;
    counts.arrivals[timeline.stepOf(requests.arrivalNs[row]!)]!++;
    if (requests.firstAdmitNs[row] !== NEVER) {
      const step = timeline.stepOf(requests.firstAdmitNs[row]!);
      counts.admittedTokens[step]! += requests.inputTokens[row]!;
      counts.hitTokens[step]! += requests.firstReusedTokens[row]!;
    }
    if (requests.terminalNs[row] === NEVER) continue;
    const step = timeline.stepOf(requests.terminalNs[row]!);
    endsOf(counts, requests.status[row]!)[step]!++;
    if (!isCompleted(requests, row)) continue;
    if (hasSlo(slo) && meetsSlo(requests, row, slo)) counts.good[step]!++;
  }
  return counts;
}

/** Where a request that ended with a status is counted. */
function endsOf(counts: StepCounts, status: number): Float64Array {
  if (status === RequestStatus.completed) return counts.completed;
  if (status === RequestStatus.rejected) return counts.rejected;
  return status === RequestStatus.cancelled ? counts.cancelled : counts.timedOut;
}

/** Latencies of completed requests, by the step in which the moment came that ends them. */
function latencyByStep(
  requests: RequestTable,
  timeline: Timeline,
  endNs: Float64Array,
  latency: Latency,
): StepValues {
  const steps = new Int32Array(requests.count).fill(-1);
  const values = new Float64Array(requests.count);
  for (let row = 0; row < requests.count; row++) {
    const value = latency(requests, row);
    if (!isCompleted(requests, row) || Number.isNaN(value)) continue;
    steps[row] = timeline.stepOf(endNs[row]!);
    values[row] = value;
  }
  return new StepValues(timeline.count, steps, values);
}

/** A column of cells summed over the targets, a value a step. */
function sumOver({ count, targets }: Timeline, cells: Int32Array | Float64Array): Float64Array {
  const sums = new Float64Array(count);
  for (let cell = 0; cell < count * targets; cell++) {
    sums[Math.floor(cell / targets)]! += cells[cell]!;
  }
  return sums;
}

/** What a sum since the run began has gained in each step, over all targets. */
function differences(timeline: Timeline, cells: Float64Array): Float64Array {
  const sums = sumOver(timeline, cells);
  return sums.map((sum, step) => sum - (step === 0 ? 0 : sums[step - 1]!));
}
