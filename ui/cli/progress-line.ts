import { performance } from 'node:perf_hooks';

/** Redraws of the live line lie at least this far apart. */
const REDRAW_MS = 100;

/** Back to the start of the line, and the rest of it erased. */
const ERASE_LINE = '\r\u001b[K';

/** Where progress is written: standard error, as far as the line looks at it. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/**
 * One live line on a terminal, a line at each tenth in a pipe or a log, where cursor codes would be
 * noise.
 */
export class ProgressLine {
  readonly #stream: ProgressStream;
  #drawnMs = Number.NEGATIVE_INFINITY;
  #tenth = 0;

  constructor(stream: ProgressStream) {
    this.#stream = stream;
  }

  /** So much of the whole is done, 0 to 1; `text` is asked for what is written of it. */
  show(share: number, text: () => string): void {
    if (this.#stream.isTTY === true) this.#redraw(text);
    else this.logTenth(share, text);
  }

  /** Says so in a log that has not had this tenth yet, and nothing on a terminal. */
  logTenth(share: number, text: () => string): void {
    if (this.#stream.isTTY === true) return;
    const tenth = Math.floor(share * 10);
    if (tenth <= this.#tenth) return;
    this.#tenth = tenth;
    this.#stream.write(`${text()}\n`);
  }

  /** Takes the live line away. */
  finish(): void {
    if (this.#stream.isTTY === true) this.#stream.write(ERASE_LINE);
  }

  #redraw(text: () => string): void {
    const nowMs = performance.now();
    if (nowMs - this.#drawnMs < REDRAW_MS) return;
    this.#drawnMs = nowMs;
    // A terminal that does not know its width says 0.
    const columns = this.#stream.columns || 80;
    this.#stream.write(`${ERASE_LINE}${text().slice(0, Math.max(columns - 1, 1))}`);
  }
}
