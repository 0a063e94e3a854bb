/** Decides about a session at its first turn, and remembers: it is kept or dropped as a whole. */
export class SessionChoice {
  readonly #kept = new Map<string, boolean>();

  /** The decision for a row; `decide` is asked for rows without a session and for first turns. */
  of(sessionId: string | undefined, decide: () => boolean): boolean {
    if (sessionId === undefined) return decide();
    const known = this.#kept.get(sessionId);
    if (known !== undefined) return known;
    const kept = decide();
    this.#kept.set(sessionId, kept);
    return kept;
  }
}
