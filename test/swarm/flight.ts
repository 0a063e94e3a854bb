import type { HandRow } from '#test/reference/hand-trace.ts';
import type { RateWindow } from '#traces/formats/servegen/rate-windows.ts';

/** A cluster that is being drawn, and the traffic that it meets. Features lay themselves over it. */
export class Flight {
  /** What the run draws from, and what the flight was drawn from. */
  readonly seed: number;
  /** Keys of the config that were written, by their path such as `engine.block_size`. */
  readonly settings: Map<string, unknown> = new Map();
  rows: HandRow[] = [];
  /** Later turns of a session state what is new, and their prompts hold the answers before it. */
  resendsOutput = false;
  /** What the file of a recorded rate holds. */
  rateWindows: readonly RateWindow[] = [];
  /** Step of virtual time at which the state of the workers is recorded. */
  timelineStepMs: number | undefined;

  constructor(seed: number) {
    this.seed = seed;
  }

  /** The number that is written for a key, or what stands in its place. */
  number(path: string, otherwise: number): number {
    const value = this.settings.get(path);
    return typeof value === 'number' ? value : otherwise;
  }

  has(path: string): boolean {
    return this.settings.has(path);
  }

  /** Whether a key is written so. */
  is(path: string, value: unknown): boolean {
    return this.settings.get(path) === value;
  }

  set(path: string, value: unknown): void {
    this.settings.set(path, value);
  }

  /** Writes several keys of one section. */
  setAll(section: string, values: Readonly<Record<string, unknown>>): void {
    for (const [key, value] of Object.entries(values)) this.set(`${section}.${key}`, value);
  }

  /** Every row anew. */
  mapRows(change: (row: HandRow, index: number) => HandRow): void {
    this.rows = this.rows.map(change);
  }

  /** The same cluster, to be changed by itself. */
  copy(): Flight {
    const copy = new Flight(this.seed);
    for (const [path, value] of this.settings) copy.settings.set(path, value);
    copy.rows = [...this.rows];
    copy.resendsOutput = this.resendsOutput;
    copy.rateWindows = this.rateWindows;
    copy.timelineStepMs = this.timelineStepMs;
    return copy;
  }
}
