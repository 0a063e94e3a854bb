import { NS_PER_MS } from '#core/base/time.ts';
import type { SloConfig } from '#core/config/schema.ts';
import type { DataTable } from '../data-table.ts';
import { poolViews } from '../pool-views.ts';
import type { RunResult } from '../run-result.ts';
import { byPool } from './by-pool.ts';
import { linkSeries } from './link-series.ts';
import { poolSeries } from './pool-series.ts';
import { runSeries } from './run-series.ts';
import { workerSeries } from './worker-series.ts';

/** The series as they stand in a report's JSON: columns by name, null where there is no value. */
export interface ReportSeries {
  /** Longer than asked for when the run would not have fitted. */
  readonly step_ms: number;
  /** The step that was asked for; absent where it is the one above. */
  readonly asked_step_ms?: number;
  readonly run: SeriesColumns;
  /** What each pool was doing, rows as in `run`; absent where there is only one. */
  readonly pools?: Readonly<Record<string, SeriesColumns>>;
  /** Present when every worker was asked for: rows are steps, in each step workers; pool by pool. */
  readonly workers?: SeriesColumns;
  /** Present where transfers share links: rows are steps, and in each step links. */
  readonly links?: SeriesColumns;
}

type SeriesColumns = Readonly<Record<string, readonly (string | number | null)[]>>;

/** The series of a run, undefined when no timeline was recorded. */
export function reportSeries(
  result: RunResult,
  slo: SloConfig,
  perWorker: boolean,
): ReportSeries | undefined {
  const { timeline } = result;
  if (timeline === undefined) return undefined;
  const links = linkSeries(result, timeline);
  return {
    step_ms: timeline.stepNs / NS_PER_MS,
    ...(timeline.stepNs !== timeline.askedNs && { asked_step_ms: timeline.askedNs / NS_PER_MS }),
    run: columns(runSeries(result, timeline, slo)),
    ...(result.pools.length > 1 && { pools: poolColumns(result) }),
    ...(perWorker && {
      workers: columns(byPool(result, (view) => workerSeries(view, view.timeline!))),
    }),
    ...(links && { links: columns(links) }),
  };
}

function poolColumns(result: RunResult): Readonly<Record<string, SeriesColumns>> {
  return Object.fromEntries(
    poolViews(result).map((view) => [view.pools[0]!.name, columns(poolSeries(view))]),
  );
}

function columns(table: DataTable): SeriesColumns {
  return Object.fromEntries(
    table.map(({ name, values }) => [name, values.map((value) => value ?? null)]),
  );
}
