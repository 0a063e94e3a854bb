import { InputError } from '#core/base/errors.ts';
import { NS_PER_MS } from '#core/base/time.ts';
import { jsonRows, type TextLine } from '#core/perf/calibration/step-evidence.ts';
import type { RecordedRun, RequestRecord } from './recorded-run.ts';

interface Metric {
  readonly value: number;
  readonly unit: string;
}

interface AiperfRecord {
  readonly metadata: {
    readonly request_start_ns?: number;
    readonly benchmark_phase?: string;
    readonly was_cancelled?: boolean;
  };
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly error?: unknown;
}

/** Whether a first line is of AIPerf's profile_export.jsonl. */
export function isAiperfRecord(first: unknown): boolean {
  return typeof first === 'object' && first !== null && 'metadata' in first && 'metrics' in first;
}

const MS: Readonly<Record<string, number>> = {
  ns: 1 / NS_PER_MS,
  us: 1e-3,
  ms: 1,
  s: 1000,
  sec: 1000,
};

/**
 * AIPerf's records, one request a line, in order of their start; requests that failed, were cancelled
 * or warmed up are left out. Throws an InputError with file, line and metric.
 */
export function readAiperfRecords(lines: readonly TextLine[], file: string): RecordedRun {
  const started: { readonly startNs: number; readonly record: Omit<RequestRecord, 'sentMs'> }[] =
    [];
  for (const { value, line } of jsonRows(lines, file)) {
    const { metadata, metrics = {}, error } = value as AiperfRecord;
    if (typeof metadata !== 'object') throw missing(file, line, 'metadata');
    const isWarmUp = metadata.benchmark_phase === 'warmup';
    if (error != null || metadata.was_cancelled || isWarmUp) continue;
    const metric = (name: string): Metric => {
      const found = metrics[name];
      if (typeof found?.value === 'number') return found;
      throw missing(file, line, `metrics.${name}`);
    };
    const ms = (name: string): number => {
      const { value, unit } = metric(name);
      const scale = MS[unit];
      if (scale === undefined) throw missing(file, line, `metrics.${name}.unit`);
      return value * scale;
    };
    const startNs = metadata.request_start_ns;
    if (startNs === undefined) throw missing(file, line, 'metadata.request_start_ns');
    started.push({
      startNs,
      record: {
        isl: metric('input_sequence_length').value,
        osl: metric('output_sequence_length').value,
        ttftMs: ms('time_to_first_token'),
        e2eMs: ms('request_latency'),
      },
    });
  }
  const firstNs = started.reduce((least, { startNs }) => Math.min(least, startNs), Infinity);
  const records = started.map(({ startNs, record }) => ({
    ...record,
    sentMs: (startNs - firstNs) / NS_PER_MS,
  }));
  return { name: file, file, records, closedLoop: false, server: {} };
}

function missing(file: string, line: number, path: string): InputError {
  return new InputError('evidence_invalid', 'this key is missing or has no use', {
    file,
    line,
    path,
  });
}
