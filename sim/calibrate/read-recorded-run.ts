import { InputError } from '#core/base/errors.ts';
import type { TextLine } from '#core/perf/calibration/step-evidence.ts';
import { isAiperfRecord, readAiperfRecords } from './read-aiperf-records.ts';
import { isEngineRecording, readEngineRecords } from './read-engine-records.ts';
import { isJournalHeader, readJournalRecords } from './read-journal-records.ts';
import { isServingBenchmark, readServingBenchmark } from './read-serving-benchmark.ts';
import type { RecordedRun } from './recorded-run.ts';

/**
 * A recording in any of the known forms: a header and a request a line (`ground-truth/vllm-cpu`),
 * AIPerf's profile_export.jsonl, the JSON that vLLM's serving benchmark saves with --save-detailed, or
 * a journal of ours. Throws an InputError with the file where it is none of them or lacks something.
 */
export function readRecordedRun(lines: readonly TextLine[], file: string): RecordedRun {
  const first = firstObject(lines);
  const run = readAs(first, lines, file);
  if (run.records.length > 0) {
    return { ...run, records: run.records.toSorted((a, b) => a.sentMs - b.sentMs) };
  }
  throw new InputError('evidence_invalid', 'no request of it was answered', { file });
}

function readAs(first: unknown, lines: readonly TextLine[], file: string): RecordedRun {
  if (isEngineRecording(first)) return readEngineRecords(lines, file);
  if (isAiperfRecord(first)) return readAiperfRecords(lines, file);
  if (isServingBenchmark(first)) return readServingBenchmark(first, file);
  if (isJournalHeader(first)) return readJournalRecords(lines, file);
  throw new InputError('evidence_invalid', 'unknown form of per-request records', {
    file,
    allowed:
      "a header with settings and load; AIPerf's profile_export.jsonl; vLLM's benchmark with --save-detailed; a journal",
  });
}

/** Of the first line, or of all of them together: a benchmark's result may be spread over many. */
function firstObject(lines: readonly TextLine[]): unknown {
  const first = parsed(lines[0]!.text);
  return first === undefined ? parsed(lines.map(({ text }) => text).join('\n')) : first;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
