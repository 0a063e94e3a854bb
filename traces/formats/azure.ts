import { InputError } from '#core/base/errors.ts';
import type { TraceBatch } from '../batch.ts';
import { ArrivalOrder } from './arrival-order.ts';
import { isHeader, readCell } from './csv.ts';
import { type LinePlace, OUTPUT_TOKENS, PROMPT_TOKENS } from './fields.ts';
import {
  DEFAULT_TRACE_BLOCK_SIZE,
  type LineReaderOptions,
  type TraceLineReader,
} from './line-reader.ts';

export const AZURE_HEADER = 'TIMESTAMP,ContextTokens,GeneratedTokens';

const TIME = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|\+00:00)?$/;

/** A moment as whole seconds since 1970 and the rest: a double cannot hold both to 100 ns. */
interface Moment {
  readonly wholeMs: number;
  readonly fractionMs: number;
}

/**
 * Reads the CSV of Azure's public LLM inference traces: time of day, prompt and output tokens.
 * Times become milliseconds since the first row. The format knows no content and no sessions.
 */
export class AzureReader implements TraceLineReader {
  readonly hasContent = false;
  readonly sessions = 0;
  readonly traceBlockSize: number;
  readonly #file: string;
  readonly #order = new ArrivalOrder(true);
  #first: Moment | undefined;
  #headerSeen = false;

  constructor(options: LineReaderOptions) {
    this.#file = options.file;
    this.traceBlockSize = options.traceBlockSize ?? DEFAULT_TRACE_BLOCK_SIZE;
  }

  readLine(text: string, line: number, batch: TraceBatch): void {
    const place: LinePlace = { file: this.#file, line };
    if (!this.#headerSeen) {
      checkHeader(text, place);
      this.#headerSeen = true;
      return;
    }
    const cells = text.split(',');
    if (cells.length !== 3) {
      throw new InputError('trace_invalid', `the row has ${cells.length} cells, expected 3`, {
        ...place,
        received: text.slice(0, 200),
        allowed: AZURE_HEADER,
        remedy: 'is the file cut off or edited?',
      });
    }
    const moment = readMoment(cells[0]!, place);
    this.#first ??= moment;
    const timestampMs =
      moment.wholeMs - this.#first.wholeMs + (moment.fractionMs - this.#first.fractionMs);
    const inputTokens = readCell(cells[1]!, 'ContextTokens', PROMPT_TOKENS, place);
    const outputTokens = readCell(cells[2]!, 'GeneratedTokens', OUTPUT_TOKENS, place);
    this.#order.check(undefined, timestampMs, Number.NaN, place);
    const row = batch.append(line, inputTokens, outputTokens);
    batch.timestampMs[row] = timestampMs;
  }
}

/** Whether a first line is the header of this format, in any case and spacing. */
function isAzureHeader(text: string): boolean {
  return isHeader(text, AZURE_HEADER);
}

function checkHeader(text: string, place: LinePlace): void {
  if (isAzureHeader(text)) return;
  throw new InputError('trace_invalid', 'not the header of an Azure trace', {
    ...place,
    received: text.slice(0, 200),
    allowed: AZURE_HEADER,
    remedy: 'choose another --trace-format',
  });
}

function readMoment(cell: string, place: LinePlace): Moment {
  const parts = TIME.exec(cell.trim());
  if (parts !== null) {
    const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as number[];
    const wholeMs = Date.UTC(year!, month! - 1, day!, hour!, minute!, second!);
    // Date.UTC carries a 31 April over to May; writing it out again shows that.
    const written = new Date(wholeMs).toISOString();
    const asGiven = `${cell.trim().slice(0, 10)}T${cell.trim().slice(11, 19)}`;
    if (written.startsWith(asGiven)) {
      return { wholeMs, fractionMs: Number(`0.${parts[7] ?? '0'}`) * 1_000 };
    }
  }
  throw new InputError('trace_invalid', 'not a time', {
    ...place,
    path: 'TIMESTAMP',
    received: cell,
    allowed: 'YYYY-MM-DD hh:mm:ss.fffffff in UTC',
  });
}
