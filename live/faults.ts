/** Different faults that are told of; more of them would only fill the log. */
const MOST_TOLD = 100;
/** Characters of a fault's own words that are told. */
const MOST_WORDS = 200;

/**
 * Faults of this program, as against bad input, in work that nobody waits for: a socket's messages, a
 * publisher's turns. Each is counted, each kind is told once, and the work goes on.
 */
export class Faults {
  /** How many there were. */
  count = 0;
  /** The last one, as it was told. */
  last: string | undefined;
  readonly #told = new Set<string>();
  readonly #listeners = new Set<(text: string) => void>();

  /** Tells a listener of every kind of fault from now on; the result takes that back. */
  listen(hear: (text: string) => void): () => void {
    this.#listeners.add(hear);
    return () => this.#listeners.delete(hear);
  }

  /** A fault has come up; `during` says in what, such as "reading a message". */
  meet(during: string, fault: unknown): void {
    this.count++;
    const text = `a fault of windtunnel itself in ${during}: ${wordsOf(fault)}`;
    this.last = text;
    if (this.#told.has(text) || this.#told.size === MOST_TOLD) return;
    this.#told.add(text);
    for (const hear of this.#listeners) hear(text);
  }

  /** Does something whose faults are met here. */
  guard(during: string, work: () => void): void {
    try {
      work();
    } catch (fault) {
      this.meet(during, fault);
    }
  }
}

/** The faults of this process, which live routers of it share. */
export const ownFaults = new Faults();

/** What it says, and where it was thrown. */
function wordsOf(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault).slice(0, MOST_WORDS);
  const place = fault.stack?.split('\n').find((line) => line.startsWith('    at '));
  return `${fault.name}: ${fault.message.slice(0, MOST_WORDS)}${place === undefined ? '' : ` (${place.trim()})`}`;
}
