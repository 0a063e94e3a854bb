import { InputError } from '#core/base/errors.ts';
import type { RecordedRun, RequestRecord } from './recorded-run.ts';

/** What vLLM's serving benchmark saves of each request with --save-detailed; times in seconds. */
interface ServingBenchmark {
  readonly input_lens: readonly number[];
  readonly output_lens: readonly number[];
  readonly ttfts: readonly number[];
  readonly itls: readonly (readonly number[])[];
  readonly start_times?: readonly number[];
  readonly errors?: readonly string[];
}

/** Whether an object is such a result. */
export function isServingBenchmark(value: unknown): value is ServingBenchmark {
  return typeof value === 'object' && value !== null && 'ttfts' in value && 'input_lens' in value;
}

/**
 * The requests of a result of vLLM's serving benchmark; those that failed are left out. Throws an
 * InputError with the file and the key where a list is missing or of another length.
 */
export function readServingBenchmark(result: ServingBenchmark, file: string): RecordedRun {
  const { input_lens, output_lens, ttfts, itls, start_times, errors = [] } = result;
  const count = input_lens.length;
  const lists = [
    ['output_lens', output_lens],
    ['ttfts', ttfts],
    ['itls', itls],
    ['start_times', start_times],
  ] as const;
  for (const [key, list] of lists) {
    if (list?.length === count) continue;
    throw new InputError('evidence_invalid', 'a list with one entry a request is needed', {
      file,
      path: key,
      received: list === undefined ? null : list.length,
      allowed: `${count} entries`,
      ...(key === 'start_times' && {
        remedy: 'benchmarks of older versions do not save when requests were sent',
      }),
    });
  }
  const firstS = start_times!.reduce((least, start) => Math.min(least, start), Infinity);
  const records: RequestRecord[] = [];
  for (let index = 0; index < count; index++) {
    const failed = (errors[index] ?? '') !== '';
    if (failed || output_lens[index]! < 1) continue;
    const gapsMs = itls[index]!.map((seconds) => seconds * 1000);
    const ttftMs = ttfts[index]! * 1000;
    records.push({
      sentMs: (start_times![index]! - firstS) * 1000,
      isl: input_lens[index]!,
      osl: output_lens[index]!,
      ttftMs,
      e2eMs: gapsMs.reduce((sum, ms) => sum + ms, ttftMs),
      gapsMs,
    });
  }
  return { name: file, file, records, closedLoop: false, server: {} };
}
