import { InputError } from '#core/base/errors.ts';
import type { TraceBatch } from '../batch.ts';
import { ArrivalOrder } from './arrival-order.ts';
import { isHeader } from './csv.ts';
import type { LinePlace } from './fields.ts';
import {
  DEFAULT_TRACE_BLOCK_SIZE,
  type LineReaderOptions,
  type TraceLineReader,
} from './line-reader.ts';

/** A request as a row of a table has it. */
export interface CsvRequest {
  readonly timestampMs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/**
 * Reads a CSV with one header and a request a row, in the order of their arrival. Such formats know no
 * content and no sessions, and no cell of theirs holds a comma.
 */
export abstract class CsvReader implements TraceLineReader {
  readonly hasContent = false;
  readonly sessions = 0;
  readonly traceBlockSize: number;
  readonly #file: string;
  readonly #format: string;
  readonly #header: string;
  readonly #cells: number;
  readonly #order = new ArrivalOrder(true);
  #headerSeen = false;

  /** `format`: what the errors call it. */
  constructor({ file, traceBlockSize }: LineReaderOptions, format: string, header: string) {
    this.#file = file;
    this.traceBlockSize = traceBlockSize ?? DEFAULT_TRACE_BLOCK_SIZE;
    this.#format = format;
    this.#header = header;
    this.#cells = header.split(',').length;
  }

  /** The request of a row that has as many cells as the header; throws an InputError where one is unusable. */
  protected abstract readRow(cells: readonly string[], place: LinePlace): CsvRequest;

  readLine(text: string, line: number, batch: TraceBatch): void {
    const place: LinePlace = { file: this.#file, line };
    if (!this.#headerSeen) {
      this.#checkHeader(text, place);
      this.#headerSeen = true;
      return;
    }
    const cells = text.split(',');
    if (cells.length !== this.#cells) {
      const problem = `the row has ${cells.length} cells, expected ${this.#cells}`;
      throw new InputError('trace_invalid', problem, {
        ...place,
        received: text.slice(0, 200),
        allowed: this.#header,
        remedy: 'is the file cut off or edited?',
      });
    }
    const { timestampMs, inputTokens, outputTokens } = this.readRow(cells, place);
    this.#order.check(undefined, timestampMs, Number.NaN, place);
    batch.timestampMs[batch.append(line, inputTokens, outputTokens)] = timestampMs;
  }

  #checkHeader(text: string, place: LinePlace): void {
    if (isHeader(text, this.#header)) return;
    throw new InputError('trace_invalid', `not the header of ${this.#format} trace`, {
      ...place,
      received: text.slice(0, 200),
      allowed: this.#header,
      remedy: 'choose another --trace-format',
    });
  }
}
