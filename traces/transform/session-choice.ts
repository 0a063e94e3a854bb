import type { TraceBatch } from '../batch.ts';

/** Decides about a session (or group) at its first row, and remembers: it is kept or dropped whole. */
export class SessionChoice {
  readonly #kept = new Map<string, boolean>();

  /** The decision for a row; `decide` is asked for rows without a session and for first turns. */
  of(batch: TraceBatch, row: number, decide: () => boolean): boolean {
    const whole = batch.groupId[row] ?? batch.sessionId[row];
    if (whole === undefined) return decide();
    const known = this.#kept.get(whole);
    if (known !== undefined) return known;
    const kept = decide();
    this.#kept.set(whole, kept);
    return kept;
  }
}
