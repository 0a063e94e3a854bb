import { performance } from 'node:perf_hooks';
import { formatCount, formatSpan } from '#sim/report/format.ts';
import type { RunProgress } from '#sim/run.ts';

/** Redraws of the live line lie at least this far apart. */
const REDRAW_MS = 100;

/** Back to the start of the line, and the rest of it erased. */
const ERASE_LINE = '\r\u001b[K';

/** Where progress is written: standard error, as far as the meter looks at it. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/**
 * Shows how far a command has come: one live line on a terminal, a line at each tenth in a pipe or a
 * log, where cursor codes would be noise. `runs` flights make the whole.
 */
export class ProgressMeter {
  readonly #stream: ProgressStream;
  readonly #runs: number;
  #run = 0;
  #label: string | undefined;
  #requests = 0;
  #startedMs = performance.now();
  #drawnMs = Number.NEGATIVE_INFINITY;
  #tenth = 0;

  constructor(stream: ProgressStream, runs = 1) {
    this.#stream = stream;
    this.#runs = runs;
  }

  /** The next flight begins, of so many requests; `label` names it where there are several. */
  startRun(requests: number, label?: string): void {
    this.#run++;
    this.#requests = requests;
    this.#label = label;
    this.#startedMs = performance.now();
  }

  /** Takes the state of the flight under way. */
  update(progress: RunProgress): void {
    const share = (this.#run - 1 + progress.finished / this.#requests) / this.#runs;
    if (this.#stream.isTTY === true) this.#redraw(progress, share);
    else this.#logTenth(progress, share);
  }

  /** The flight has ended; a log gets its tenth even where the last update came before it. */
  endRun(): void {
    if (this.#stream.isTTY === true) return;
    const tenth = Math.floor((this.#run / this.#runs) * 10);
    if (tenth <= this.#tenth) return;
    this.#tenth = tenth;
    const wallMs = performance.now() - this.#startedMs;
    const what = this.#runs === 1 ? '' : `run ${this.#run}/${this.#runs} ${this.#label} · `;
    this.#stream.write(`${what}${tenth * 10} % · done in ${formatSpan(wallMs)}\n`);
  }

  /** Takes the live line away. */
  finish(): void {
    if (this.#stream.isTTY === true) this.#stream.write(ERASE_LINE);
  }

  #redraw(progress: RunProgress, share: number): void {
    const nowMs = performance.now();
    if (nowMs - this.#drawnMs < REDRAW_MS) return;
    this.#drawnMs = nowMs;
    const line = this.#line(progress, share);
    // A terminal that does not know its width says 0.
    const columns = this.#stream.columns || 80;
    this.#stream.write(`${ERASE_LINE}${line.slice(0, Math.max(columns - 1, 1))}`);
  }

  #logTenth(progress: RunProgress, share: number): void {
    const tenth = Math.floor(share * 10);
    if (tenth <= this.#tenth) return;
    this.#tenth = tenth;
    this.#stream.write(`${this.#line(progress, share)}\n`);
  }

  #line(progress: RunProgress, share: number): string {
    const simulatedMs = progress.simulatedNs / 1e6;
    const wallMs = Math.max(performance.now() - this.#startedMs, 1);
    const run = this.#runs === 1 ? '' : `run ${this.#run}/${this.#runs} ${this.#label} · `;
    return [
      `${run}${(share * 100).toFixed(0)} %`,
      `${formatSpan(simulatedMs)} simulated`,
      `${formatCount(simulatedMs / wallMs)} × real time`,
      `${formatCount(progress.finished)}/${formatCount(this.#requests)} requests`,
      `${formatCount(progress.queued)} queued`,
      `KV ${(progress.kvUsed * 100).toFixed(0)} %`,
    ].join(' · ');
  }
}

/** A meter on the stream, or none where nobody wants to see it. */
export function openProgress(
  stream: ProgressStream,
  options: { readonly quiet?: boolean | undefined; readonly format: string },
  runs = 1,
): ProgressMeter | undefined {
  if (options.quiet === true || options.format === 'json') return undefined;
  return new ProgressMeter(stream, runs);
}
