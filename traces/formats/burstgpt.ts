import { InputError } from '#core/base/errors.ts';
import { readCell } from './csv.ts';
import { CsvReader, type CsvRequest } from './csv-reader.ts';
import { type LinePlace, OUTPUT_TOKENS, PROMPT_TOKENS, SECONDS } from './fields.ts';
import type { LineReaderOptions } from './line-reader.ts';

export const BURSTGPT_HEADER =
  'Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type';

/**
 * Reads BurstGPT's CSV: seconds since the trace's start, the model, and token counts. Models and log
 * types are not told apart.
 */
export class BurstGptReader extends CsvReader {
  constructor(options: LineReaderOptions) {
    super(options, 'a BurstGPT', BURSTGPT_HEADER);
  }

  protected override readRow(cells: readonly string[], place: LinePlace): CsvRequest {
    const timestampMs = readCell(cells[0]!, 'Timestamp', SECONDS, place) * 1_000;
    const inputTokens = readCell(cells[2]!, 'Request tokens', PROMPT_TOKENS, place);
    const outputTokens = readCell(cells[3]!, 'Response tokens', OUTPUT_TOKENS, place);
    const total = readCell(cells[4]!, 'Total tokens', OUTPUT_TOKENS, place);
    if (total !== inputTokens + outputTokens) {
      throw new InputError('trace_invalid', 'not the sum of request and response tokens', {
        ...place,
        path: 'Total tokens',
        received: total,
        allowed: String(inputTokens + outputTokens),
        remedy: 'is the row damaged?',
      });
    }
    return { timestampMs, inputTokens, outputTokens };
  }
}
