import type { TraceBatch } from '../batch.ts';
import type { RowTransform } from './rewrite.ts';
import { SessionChoice } from './session-choice.ts';

export interface CutOptions {
  /** Milliseconds after the trace's first arrival; from there on, this included. */
  readonly fromMs?: number;
  /** Milliseconds after the trace's first arrival; up to there, this excluded. */
  readonly toMs?: number;
  /** Only what begins within this many requests from the start of the trace. */
  readonly requests?: number;
}

/** Keeps the requests and sessions that begin inside a span; a session that began inside goes on. */
export class Cut implements RowTransform {
  readonly #options: CutOptions;
  readonly #choice = new SessionChoice();
  #zeroMs = Number.NaN;
  #rows = 0;

  constructor(options: CutOptions) {
    this.#options = options;
  }

  take(batch: TraceBatch, row: number): boolean {
    const timestampMs = batch.timestampMs[row]!;
    if (Number.isNaN(this.#zeroMs)) this.#zeroMs = timestampMs;
    const index = this.#rows++;
    return this.#choice.of(batch, row, () => this.#begins(timestampMs, index));
  }

  #begins(timestampMs: number, index: number): boolean {
    const { fromMs, toMs, requests = Number.POSITIVE_INFINITY } = this.#options;
    const sinceMs = timestampMs - this.#zeroMs;
    if (fromMs !== undefined && !(sinceMs >= fromMs)) return false;
    if (toMs !== undefined && !(sinceMs < toMs)) return false;
    return index < requests;
  }
}
