import { assert } from '#core/base/assert.ts';
import { csvLines } from '#sim/report/data-table.ts';
import { dynamoMetrics } from '#sim/report/exports/dynamo-metrics.ts';
import { type PerfettoContent, perfettoTrace } from '#sim/report/exports/perfetto.ts';
import { vllmMetrics } from '#sim/report/exports/vllm-metrics.ts';
import { formatCount, formatQuantity } from '#sim/report/format.ts';
import type { Report } from '#sim/report/report.ts';
import { requestColumns } from '#sim/report/request-rows.ts';
import type { RunResult } from '#sim/report/run-result.ts';
import { byPool } from '#sim/report/series/by-pool.ts';
import { linkSeries } from '#sim/report/series/link-series.ts';
import { poolSeries } from '#sim/report/series/pool-series.ts';
import { runSeries } from '#sim/report/series/run-series.ts';
import { workerSeries } from '#sim/report/series/worker-series.ts';
import type { OutputFile } from '../atomic-files.ts';
import type { ExportOptions } from './export-options.ts';
import { parquetFile } from './parquet.ts';

/** Every file that an export may add to a folder. */
export const EXPORT_FILES = [
  'requests.csv',
  'requests.parquet',
  'series.csv',
  'series-workers.csv',
  'series-pools.csv',
  'series-links.csv',
  'series.parquet',
  'series-workers.parquet',
  'series-pools.parquet',
  'series-links.parquet',
  'trace.perfetto.json',
  'metrics.prom',
] as const;

type ExportFile = (typeof EXPORT_FILES)[number];

/** The name that metrics carry where an engine would name its model. */
const MODEL = 'windtunnel';

/** The files that the options ask for, by their names in the folder; `note` is told what to say. */
export function exportFiles(
  result: RunResult,
  report: Report,
  options: ExportOptions,
  note: (text: string) => void,
): readonly OutputFile[] {
  const identity = {
    'windtunnel.seed': String(report.seed),
    'windtunnel.config_sha256': report.config_sha256,
    'windtunnel.trace_sha256': report.trace.sha256,
  };
  const kinds = new Set(options.export);
  const files: OutputFile[] = [];
  const add = (path: ExportFile, content: OutputFile['content']): void => {
    files.push({ path, content });
  };
  const requests =
    kinds.has('csv') || kinds.has('parquet')
      ? requestColumns(result.requests, result.handOffs, result.encode?.table)
      : [];
  if (kinds.has('csv')) add('requests.csv', csvLines(requests));
  if (kinds.has('parquet')) add('requests.parquet', parquetFile(requests, identity));
  const { timeline } = result;
  if (options.seriesStep !== undefined) {
    assert(timeline !== undefined, 'a series needs a timeline');
    const run = runSeries(result, timeline, report.config.slo);
    const workers = byPool(result, (view) => workerSeries(view, view.timeline!));
    const pools = result.pools.length > 1 ? byPool(result, poolSeries) : undefined;
    add('series.csv', csvLines(run));
    add('series-workers.csv', csvLines(workers));
    if (pools !== undefined) add('series-pools.csv', csvLines(pools));
    const links = linkSeries(result, timeline);
    if (links !== undefined) add('series-links.csv', csvLines(links));
    if (kinds.has('parquet')) {
      add('series.parquet', parquetFile(run, identity));
      add('series-workers.parquet', parquetFile(workers, identity));
      if (pools !== undefined) add('series-pools.parquet', parquetFile(pools, identity));
      if (links !== undefined) add('series-links.parquet', parquetFile(links, identity));
    }
  }
  if (kinds.has('perfetto')) {
    assert(timeline !== undefined, 'a trace needs a timeline');
    const { content, pieces } = perfettoTrace(result, timeline, identity);
    if (content.aggregated) note(perfettoNote(content));
    add('trace.perfetto.json', pieces);
  }
  if (kinds.has('prometheus')) {
    add('metrics.prom', vllmMetrics(result, MODEL) + dynamoMetrics(result, MODEL));
  }
  return files;
}

function perfettoNote({ requests, requests_shown, step_ms }: PerfettoContent): string {
  const all = formatCount(requests);
  const step = formatQuantity(step_ms);
  return `trace.perfetto.json: ${all} requests are too many to be drawn one by one; it holds slices of ${step} ms a worker and the ${formatCount(requests_shown)} slowest requests`;
}
