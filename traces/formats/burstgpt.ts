import { InputError } from '#core/base/errors.ts';
import type { TraceBatch } from '../batch.ts';
import { ArrivalOrder } from './arrival-order.ts';
import { isHeader, readCell } from './csv.ts';
import { type LinePlace, OUTPUT_TOKENS, PROMPT_TOKENS, SECONDS } from './fields.ts';
import {
  DEFAULT_TRACE_BLOCK_SIZE,
  type LineReaderOptions,
  type TraceLineReader,
} from './line-reader.ts';

export const BURSTGPT_HEADER =
  'Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type';
const CELLS = 6;

/**
 * Reads BurstGPT's CSV: seconds since the trace's start, the model, and token counts. Models and log
 * types are not told apart; the format knows no content and no sessions.
 */
export class BurstGptReader implements TraceLineReader {
  readonly hasContent = false;
  readonly sessions = 0;
  readonly traceBlockSize: number;
  readonly #file: string;
  readonly #order = new ArrivalOrder(true);
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
    if (cells.length !== CELLS) {
      throw new InputError(
        'trace_invalid',
        `the row has ${cells.length} cells, expected ${CELLS}`,
        {
          ...place,
          received: text.slice(0, 200),
          allowed: BURSTGPT_HEADER,
          remedy: 'is the file cut off or edited?',
        },
      );
    }
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
    this.#order.check(undefined, timestampMs, Number.NaN, place);
    batch.timestampMs[batch.append(line, inputTokens, outputTokens)] = timestampMs;
  }
}

function checkHeader(text: string, place: LinePlace): void {
  if (isHeader(text, BURSTGPT_HEADER)) return;
  throw new InputError('trace_invalid', 'not the header of a BurstGPT trace', {
    ...place,
    received: text.slice(0, 200),
    allowed: BURSTGPT_HEADER,
    remedy: 'choose another --trace-format',
  });
}
