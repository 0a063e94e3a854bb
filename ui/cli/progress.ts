import { performance } from 'node:perf_hooks';
import { formatCount, formatSpan } from '#sim/report/format.ts';
import type { RunProgress } from '#sim/run.ts';
import { ProgressLine, type ProgressStream } from './progress-line.ts';

/** Shows how far a command has come. `runs` flights make the whole. */
export class ProgressMeter {
  readonly #line: ProgressLine;
  readonly #runs: number;
  #run = 0;
  #label: string | undefined;
  #requests = 0;
  #startedMs = performance.now();

  constructor(stream: ProgressStream, runs = 1) {
    this.#line = new ProgressLine(stream);
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
    this.#line.show(share, () => this.#textOf(progress, share));
  }

  /** The flight has ended; a log gets its tenth even where the last update came before it. */
  endRun(): void {
    const share = this.#run / this.#runs;
    this.#line.logTenth(share, () => {
      const wallMs = performance.now() - this.#startedMs;
      const percent = Math.floor(share * 10) * 10;
      return `${this.#runText()}${percent} % · done in ${formatSpan(wallMs)}`;
    });
  }

  /** Takes the live line away. */
  finish(): void {
    this.#line.finish();
  }

  /** Which flight it is, where there are several. */
  #runText(): string {
    return this.#runs === 1 ? '' : `run ${this.#run}/${this.#runs} ${this.#label} · `;
  }

  #textOf(progress: RunProgress, share: number): string {
    const simulatedMs = progress.simulatedNs / 1e6;
    const wallMs = Math.max(performance.now() - this.#startedMs, 1);
    return [
      `${this.#runText()}${(share * 100).toFixed(0)} %`,
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
