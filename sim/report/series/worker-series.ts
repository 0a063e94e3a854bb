import { NS_PER_MS, NS_PER_S } from '#core/base/time.ts';
import type { Timeline } from '../../cluster/timeline.ts';
import { NEVER } from '../../workload/request-table.ts';
import { type DataTable, numberColumn } from '../data-table.ts';
import type { RunResult } from '../run-result.ts';
import { stepSeconds } from './steps.ts';

/**
 * Every worker (target) step by step: one row a step and worker, in that order. The columns mean what
 * they mean in the series of the run.
 */
export function workerSeries(result: RunResult, timeline: Timeline): DataTable {
  const { count, targets } = timeline;
  const cells = count * targets;
  const stepOf = (cell: number): number => Math.floor(cell / targets);
  const each = (value: (cell: number) => number): Float64Array =>
    Float64Array.from({ length: cells }, (_, cell) => value(cell));
  const seconds = stepSeconds(timeline);
  const gained = (sums: Float64Array): Float64Array =>
    each((cell) => sums[cell]! - (cell < targets ? 0 : sums[cell - targets]!));
  const perSecond = (sums: Float64Array): Float64Array =>
    gained(sums).map((value, cell) => value / seconds[stepOf(cell)]!);
  return [
    numberColumn(
      'to_ms',
      'double',
      each((cell) => timeline.timeNs[stepOf(cell)]! / NS_PER_MS),
    ),
    numberColumn(
      'worker',
      'int',
      each((cell) => cell % targets),
    ),
    numberColumn('waiting', 'int', timeline.waiting.subarray(0, cells)),
    numberColumn('running', 'int', timeline.running.subarray(0, cells)),
    numberColumn('kv_used_blocks', 'int', timeline.kvUsedBlocks.subarray(0, cells)),
    numberColumn('kv_cached_blocks', 'int', timeline.kvCachedBlocks.subarray(0, cells)),
    numberColumn('prefill_tok_s', 'double', perSecond(timeline.prefillTokens)),
    numberColumn('output_tok_s', 'double', perSecond(timeline.outputTokens)),
    numberColumn(
      'busy_ratio',
      'double',
      perSecond(timeline.busyNs).map((ns) => ns / NS_PER_S),
    ),
    numberColumn('hit_ratio', 'double', hitRatios(result, timeline)),
  ];
}

/** Prompt tokens found in the cache at first admissions within each step, over those asked for. */
function hitRatios({ requests }: RunResult, timeline: Timeline): Float64Array {
  const { count, targets } = timeline;
  const hits = new Float64Array(count * targets);
  const asked = new Float64Array(count * targets);
  for (let row = 0; row < requests.count; row++) {
    if (requests.firstAdmitNs[row] === NEVER) continue;
    const step = timeline.stepOf(requests.firstAdmitNs[row]!);
    const cell = step * targets + requests.worker[row]!;
    hits[cell]! += requests.firstReusedTokens[row]!;
    asked[cell]! += requests.inputTokens[row]!;
  }
  return hits.map((value, cell) => value / asked[cell]!);
}
