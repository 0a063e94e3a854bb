import { type Drift, DriftAlarm } from '#core/drift/drift-alarm.ts';
import { type ErrorSummary, ErrorWindow } from '#core/drift/error-window.ts';

/** How predictions of one kind of time have fared. */
export interface MonitorStatus {
  /** Predictions that were made in time and have been held against what came. */
  readonly predicted: number;
  /** Of the last ones; null before the first. */
  readonly errors: ErrorSummary | null;
  /** What came is longer or shorter than predicted, for good. */
  readonly drift: 'none' | 'longer' | 'shorter';
  /** Times that this has happened. */
  readonly alarms: number;
}

export interface MonitorOptions {
  readonly name: 'TTFT' | 'E2E';
  readonly window: number;
  readonly band: number;
  readonly floorMs: number;
  /** Hears of alarms that rise and go. */
  readonly note: (text: string) => void;
  /** Hears of each error, (predicted − came) / came. */
  readonly observe: (error: number) => void;
}

/** Holds predictions against what came. */
export class ErrorMonitor {
  readonly #options: MonitorOptions;
  readonly #window: ErrorWindow;
  readonly #alarm: DriftAlarm;
  #predicted = 0;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.#window = new ErrorWindow(options.window);
    this.#alarm = new DriftAlarm({ band: options.band, floor: options.floorMs });
  }

  /** Takes a prediction, and what came, in milliseconds. */
  judge(predictedMs: number, cameMs: number): void {
    this.#predicted++;
    this.#window.add(predictedMs, cameMs);
    if (cameMs > 0) this.#options.observe((predictedMs - cameMs) / cameMs);
  }

  /** The same of what the model alone has to answer for: from these follows whether it has drifted. */
  watch(modelMs: number, cameMs: number): void {
    if (this.#alarm.add(modelMs, cameMs)) this.#tell(modelMs, cameMs);
  }

  status(): MonitorStatus {
    return {
      predicted: this.#predicted,
      errors: this.#window.summary() ?? null,
      drift: WORDS[this.#alarm.drift],
      alarms: this.#alarm.risen,
    };
  }

  #tell(predictedMs: number, cameMs: number): void {
    const { name, note } = this.#options;
    const { drift } = this.#alarm;
    if (drift === 0) {
      note(`shadow: predictions of ${name} hold again`);
      return;
    }
    const last = `${cameMs.toFixed(1)} ms instead of ${predictedMs.toFixed(1)} ms`;
    note(`shadow: drift alarm: ${name} is ${WORDS[drift]} than predicted, lastly ${last}`);
  }
}

const WORDS: Readonly<Record<Drift, MonitorStatus['drift']>> = {
  [-1]: 'shorter',
  0: 'none',
  1: 'longer',
};
