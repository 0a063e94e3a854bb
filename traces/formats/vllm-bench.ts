import { InputError } from '#core/base/errors.ts';
import type { TraceBatch } from '../batch.ts';
import { ArrivalOrder } from './arrival-order.ts';
import {
  describeValue,
  type JsonRecord,
  type LinePlace,
  type NumberRange,
  OUTPUT_TOKENS,
  PROMPT_TOKENS,
} from './fields.ts';
import { parseRecord, readArray } from './json-line.ts';
import {
  DEFAULT_TRACE_BLOCK_SIZE,
  type LineReaderOptions,
  type TraceLineReader,
} from './line-reader.ts';

const SHAPE = 'the result of a run on one line: {"input_lens", "output_lens", "start_times"}';
/** vLLM stamps starts with a clock whose zero means nothing. */
const START_S: NumberRange = {
  integer: false,
  min: -Number.MAX_SAFE_INTEGER,
  max: Number.MAX_SAFE_INTEGER,
  allowed: 'seconds, a finite number',
};

/**
 * Reads what `vllm bench serve --save-result --save-detailed` saves: one JSON object with a column a
 * field. Requests arrive when they were sent, in that order; failed ones are dropped and counted.
 */
export class VllmBenchReader implements TraceLineReader {
  readonly hasContent = false;
  readonly sessions = 0;
  readonly traceBlockSize: number;
  readonly #options: LineReaderOptions;
  #firstLine = 0;
  #failed = 0;

  constructor(options: LineReaderOptions) {
    this.#options = options;
    this.traceBlockSize = options.traceBlockSize ?? DEFAULT_TRACE_BLOCK_SIZE;
  }

  get notes(): readonly string[] {
    return this.#failed > 0 ? [`${this.#failed} failed requests dropped`] : [];
  }

  readLine(text: string, line: number, batch: TraceBatch): void {
    const place: LinePlace = { file: this.#options.file, line };
    if (this.#firstLine > 0) {
      throw new InputError(
        'trace_invalid',
        `a second run after the one in line ${this.#firstLine}`,
        {
          ...place,
          remedy: 'keep one run a file (leave --append-result out)',
        },
      );
    }
    this.#firstLine = line;
    const run = parseRecord(text, place, SHAPE);
    const inputs = readArray(run, 'input_lens', place);
    const outputs = sameLength(run, 'output_lens', inputs.length, place);
    const starts = this.#readStarts(run, inputs.length, place);
    const errors =
      run.errors === undefined ? undefined : sameLength(run, 'errors', inputs.length, place);
    const order = new ArrivalOrder(this.#options.requireTimestamps);
    for (const index of [...starts.keys()].sort((a, b) => starts[a]! - starts[b]! || a - b)) {
      const error = errors?.[index];
      if (error !== undefined && error !== null && error !== '') {
        this.#failed++;
        continue;
      }
      order.check(undefined, starts[index]!, Number.NaN, place);
      const row = batch.append(
        line,
        element(inputs, 'input_lens', index, PROMPT_TOKENS, place),
        element(outputs, 'output_lens', index, OUTPUT_TOKENS, place),
      );
      batch.timestampMs[row] = starts[index]!;
    }
  }

  /** Milliseconds since the first start, NaN where the file has no starts and need not. */
  #readStarts(run: JsonRecord, length: number, place: LinePlace): Float64Array {
    if (run.start_times === undefined) {
      if (!this.#options.requireTimestamps) return new Float64Array(length).fill(Number.NaN);
      throw new InputError('trace_untimed', 'the run has no start times', {
        ...place,
        path: 'start_times',
        remedy:
          "save it with a newer vLLM and --save-detailed, or choose arrivals that are not the trace's: --request-rate or --concurrency",
      });
    }
    const given = sameLength(run, 'start_times', length, place);
    const starts = Float64Array.from(given, (_, index) =>
      element(given, 'start_times', index, START_S, place),
    );
    const first = starts.reduce((least, start) => Math.min(least, start), Number.POSITIVE_INFINITY);
    return starts.map((start) => (start - first) * 1_000);
  }
}

function sameLength(
  run: JsonRecord,
  path: string,
  length: number,
  place: LinePlace,
): readonly unknown[] {
  const column = readArray(run, path, place);
  if (column.length === length) return column;
  throw new InputError('trace_invalid', `${path} has ${column.length}, expected ${length}`, {
    ...place,
    path,
    remedy: 'every column has an entry for each of input_lens; is the file edited?',
  });
}

function element(
  column: readonly unknown[],
  path: string,
  index: number,
  range: NumberRange,
  place: LinePlace,
): number {
  const value = column[index];
  const whole = !range.integer || Number.isInteger(value);
  if (typeof value === 'number' && whole && value >= range.min && value <= range.max) return value;
  throw new InputError('trace_invalid', 'not a usable number', {
    ...place,
    path: `${path}[${index}]`,
    received: describeValue(value),
    allowed: range.allowed,
  });
}
