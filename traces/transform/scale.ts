import { InputError } from '#core/base/errors.ts';
import type { TraceBatch } from '../batch.ts';
import { MAX_SPAN_MS, MAX_TOKENS } from '../formats/fields.ts';
import type { RowTransform } from './rewrite.ts';

/** What a product of doubles may exceed its exact value by, far below one token. */
const SLACK = 1e-6;

export interface ScaleOptions {
  /** Named in errors. */
  readonly file: string;
  /** Divides timestamps and think times: 2 is twice the traffic. */
  readonly rate: number;
  /** Multiplies prompt and output tokens. */
  readonly lengths: number;
}

/**
 * Makes traffic denser and requests longer. Lengths are rounded up. The blocks of a prompt grow with
 * it: the ids stay, and each then stands for `lengths` times as many tokens, so that what prompts
 * share keeps its proportion.
 */
export class Scale implements RowTransform {
  readonly #options: ScaleOptions;

  constructor(options: ScaleOptions) {
    this.#options = options;
  }

  blockSize(before: number): number {
    const scaled = before * this.#options.lengths;
    const whole = Math.round(scaled);
    return Math.abs(scaled - whole) < SLACK && whole >= 1 ? whole : before;
  }

  take(batch: TraceBatch, row: number, blockSize: number): boolean {
    const { rate, lengths } = this.#options;
    batch.timestampMs[row] = this.#time(batch.timestampMs[row]! / rate, 'timestamp', batch, row);
    batch.delayMs[row] = this.#time(batch.delayMs[row]! / rate, 'delay', batch, row);
    const { start, delayMs } = batch.predecessors;
    for (let at = start[row]!; at < start[row + 1]!; at++) {
      delayMs[at] = this.#time(delayMs[at]! / rate, 'delay', batch, row);
    }
    if (lengths === 1) return true;
    const hasContent = batch.hashStart[row + 1]! > batch.hashStart[row]!;
    if (hasContent) this.#checkBlock(blockSize);
    const { inputTokens, outputTokens } = batch;
    inputTokens[row] = this.#length(inputTokens[row]!, 'input_length', batch, row);
    outputTokens[row] = this.#length(outputTokens[row]!, 'output_length', batch, row);
    return true;
  }

  #time(ms: number, path: string, batch: TraceBatch, row: number): number {
    if (!(ms > MAX_SPAN_MS)) return ms;
    throw new InputError('trace_invalid', 'the slower trace would be longer than 104 days', {
      file: this.#options.file,
      line: batch.line[row]!,
      path,
      received: ms,
      remedy: 'choose a larger --rate',
    });
  }

  #length(tokens: number, path: string, batch: TraceBatch, row: number): number {
    const scaled = Math.ceil(tokens * this.#options.lengths - SLACK);
    if (scaled <= MAX_TOKENS) return scaled;
    throw new InputError('trace_invalid', 'the longer request would be too long', {
      file: this.#options.file,
      line: batch.line[row]!,
      path,
      received: scaled,
      allowed: `up to ${MAX_TOKENS}`,
      remedy: 'choose a smaller --lengths',
    });
  }

  #checkBlock(blockSize: number): void {
    const scaled = blockSize * this.#options.lengths;
    if (Math.abs(scaled - Math.round(scaled)) < SLACK && scaled >= 1 - SLACK) return;
    throw new InputError('usage', `a block of ${blockSize} tokens would become one of ${scaled}`, {
      path: '--lengths',
      received: this.#options.lengths,
      allowed: `a multiple of 1/${blockSize}, so that a block stays a whole number of tokens`,
    });
  }
}
