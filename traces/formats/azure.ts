import { InputError } from '#core/base/errors.ts';
import { readCell } from './csv.ts';
import { CsvReader, type CsvRequest } from './csv-reader.ts';
import { type LinePlace, OUTPUT_TOKENS, PROMPT_TOKENS } from './fields.ts';
import type { LineReaderOptions } from './line-reader.ts';

export const AZURE_HEADER = 'TIMESTAMP,ContextTokens,GeneratedTokens';

const TIME = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|\+00:00)?$/;

/** A moment as whole seconds since 1970 and the rest: a double cannot hold both to 100 ns. */
interface Moment {
  readonly wholeMs: number;
  readonly fractionMs: number;
}

/**
 * Reads the CSV of Azure's public LLM inference traces: time of day, prompt and output tokens.
 * Times become milliseconds since the first row.
 */
export class AzureReader extends CsvReader {
  #first: Moment | undefined;

  constructor(options: LineReaderOptions) {
    super(options, 'an Azure', AZURE_HEADER);
  }

  protected override readRow(cells: readonly string[], place: LinePlace): CsvRequest {
    const moment = readMoment(cells[0]!, place);
    this.#first ??= moment;
    return {
      timestampMs:
        moment.wholeMs - this.#first.wholeMs + (moment.fractionMs - this.#first.fractionMs),
      inputTokens: readCell(cells[1]!, 'ContextTokens', PROMPT_TOKENS, place),
      outputTokens: readCell(cells[2]!, 'GeneratedTokens', OUTPUT_TOKENS, place),
    };
  }
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
