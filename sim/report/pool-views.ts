import type { HandOffTable } from '../cluster/hand-off.ts';
import { Timeline } from '../cluster/timeline.ts';
import { NEVER, RequestStatus, RequestTable } from '../workload/request-table.ts';
import { entriesOf } from './encodes.ts';
import type { PoolOutcome, RunResult } from './run-result.ts';

/**
 * The run as each of its pools saw it, in their order: its workers alone, numbered from 0, and of
 * every request the moments that it had there. With one pool that is the run itself.
 */
export function poolViews(result: RunResult): readonly RunResult[] {
  const { handOffs, pools } = result;
  if (handOffs === undefined) return [result];
  return pools.map((pool) => poolView(result, pool, handOffs));
}

function poolView(result: RunResult, pool: PoolOutcome, handOffs: HandOffTable): RunResult {
  const { firstTarget, targets, role } = pool;
  const own = <Item>(items: readonly Item[]): readonly Item[] =>
    items.slice(firstTarget, firstTarget + targets);
  const tallies = own(result.tallies);
  const { handOffs: _table, timeline, ...rest } = result;
  return {
    ...rest,
    requests:
      role === 'prefill' ? prefillView(result, handOffs) : decodeView(result, handOffs, pool),
    tallies,
    kvUsedAtEnd: own(result.kvUsedAtEnd),
    workers: pool.workers,
    peakKvBlocks: pool.peakKvBlocks,
    totalKvBlocks: pool.totalKvBlocks,
    headWaits: pool.headWaits,
    pools: [{ ...pool, firstTarget: 0 }],
    ...(timeline && { timeline: timelineView(timeline, pool) }),
  };
}

/** A request comes when its prompt is asked for, and is done when that is computed. */
function prefillView({ requests, encode }: RunResult, handOffs: HandOffTable): RequestTable {
  const { order, sourceHeldNs, reservedNs, prefillRoutedNs, prefillAdmitNs } = handOffs;
  const terminalNs = requests.terminalNs.slice();
  const status = requests.status.slice();
  for (let row = 0; row < requests.count; row++) {
    if (sourceHeldNs[row] === NEVER) continue;
    terminalNs[row] = sourceHeldNs[row]!;
    status[row] = RequestStatus.completed;
  }
  return Object.assign(new RequestTable(), requests, {
    arrivalNs: order === 'source_first' ? entriesOf(encode, requests) : reservedNs,
    routedNs: prefillRoutedNs,
    firstAdmitNs: prefillAdmitNs,
    firstTokenNs: sourceHeldNs,
    lastTokenNs: sourceHeldNs,
    worker: handOffs.prefillWorker,
    outputTokens: new Int32Array(requests.count),
    terminalNs,
    status,
  });
}

/** A request comes when room for it is asked for, and comes in when it has that. */
function decodeView(
  { requests, encode }: RunResult,
  { order, sourceHeldNs, decodeRoutedNs, reservedNs }: HandOffTable,
  { firstTarget }: PoolOutcome,
): RequestTable {
  return Object.assign(new RequestTable(), requests, {
    arrivalNs: order === 'source_first' ? sourceHeldNs : entriesOf(encode, requests),
    routedNs: decodeRoutedNs,
    firstAdmitNs: reservedNs,
    worker: requests.worker.map((target) => (target < 0 ? -1 : target - firstTarget)),
    // Its prompt came from elsewhere.
    firstReusedTokens: requests.inputTokens,
  });
}

/** The state of a pool's targets at each step. */
function timelineView(timeline: Timeline, { firstTarget, targets }: PoolOutcome): Timeline {
  const view = new Timeline(timeline.askedNs, targets);
  const { count, targets: all } = timeline;
  const own = <Column extends Int32Array | Float64Array>(column: Column): Column => {
    const picked = column.slice(0, count * targets) as Column;
    for (let row = 0; row < count; row++) {
      const from = row * all + firstTarget;
      picked.set(column.subarray(from, from + targets), row * targets);
    }
    return picked;
  };
  const { running, waiting, kvUsedBlocks, kvCachedBlocks } = timeline;
  const { prefillTokens, outputTokens, busyNs } = timeline;
  return Object.assign(view, {
    stepNs: timeline.stepNs,
    count,
    timeNs: timeline.timeNs,
    routerQueue: timeline.routerQueue,
    running: own(running),
    waiting: own(waiting),
    kvUsedBlocks: own(kvUsedBlocks),
    kvCachedBlocks: own(kvCachedBlocks),
    prefillTokens: own(prefillTokens),
    outputTokens: own(outputTokens),
    busyNs: own(busyNs),
  });
}
