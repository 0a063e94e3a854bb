import { InputError } from '#core/base/errors.ts';
import { DECISION_COLUMNS } from './fact-table.ts';
import type { JournalHeader, JournalTrailer } from './header-lines.ts';
import { JournalEntry, JournalReader } from './journal-reader.ts';

/** Which decision of a journal is meant: by its 0-based number, its request, or the request's line. */
export type WantedDecision =
  | { readonly by: 'decision'; readonly value: number }
  | { readonly by: 'request'; readonly value: number }
  | { readonly by: 'line'; readonly value: number };

/** A decision as the journal has it. */
export interface FoundDecision {
  readonly header: JournalHeader;
  /** The last line, undefined where the journal was cut. */
  readonly trailer: JournalTrailer | undefined;
  /** 0-based number, and its line in the journal. */
  readonly decision: number;
  readonly journalLine: number;
  readonly atNs: number;
  readonly request: number;
  /** Line of the trace that the request came from, 0 = unknown. */
  readonly traceLine: number;
  readonly target: number;
  readonly outcome: number;
  /** Numbers of all decisions that are called by what was asked for, this one's the last. */
  readonly alike: readonly number[];
  /** Decisions of the whole journal. */
  readonly decisions: number;
}

const COLUMN = Object.fromEntries(DECISION_COLUMNS.map(({ name }, index) => [name, index]));

/**
 * Finds one decision in a journal, the last one that fits: a request may come again, and a live router
 * gives the number of one that has ended to another.
 */
export class DecisionSearch {
  readonly #file: string;
  readonly #wanted: WantedDecision;
  readonly #reader: JournalReader;
  readonly #lineOf = new Map<number, number>();
  readonly #alike: number[] = [];
  #found: Omit<FoundDecision, 'header' | 'trailer' | 'alike' | 'decisions'> | undefined;

  /** @param file for errors. */
  constructor(file: string, wanted: WantedDecision) {
    this.#file = file;
    this.#wanted = wanted;
    this.#reader = new JournalReader(file);
  }

  /** Lines read so far. */
  get line(): number {
    return this.#reader.line;
  }

  /** Takes the next bytes of the journal; always wants more. */
  push(chunk: Uint8Array): boolean {
    const reader = this.#reader;
    reader.push(chunk);
    for (let entry = reader.next(); entry !== JournalEntry.none; entry = reader.next()) {
      const { numbers } = reader.values;
      if (entry === JournalEntry.request) this.#lineOf.set(numbers[0]!, numbers[1]!);
      else if (entry === JournalEntry.decision) this.#take();
    }
    return true;
  }

  /** After the last bytes. Throws `usage` where the journal has no such decision. */
  finish(): FoundDecision {
    const reader = this.#reader;
    reader.finish();
    const { by, value } = this.#wanted;
    if (this.#found === undefined) {
      const last = reader.decisions - 1;
      throw new InputError('usage', `the journal decides on no such ${by}`, {
        file: this.#file,
        received: value,
        allowed: by === 'decision' ? `0 to ${last}` : `a ${by} among ${last + 1} decisions`,
        ...(by !== 'decision' && { remedy: `name a decision by its number, --at 0 to ${last}` }),
      });
    }
    const { header, trailer, decisions } = reader;
    return { header, trailer, decisions, alike: this.#alike, ...this.#found };
  }

  #take(): void {
    const { values, decisions, line, nowNs } = this.#reader;
    const { numbers } = values;
    const request = numbers[COLUMN.request!]!;
    const traceLine = this.#lineOf.get(request) ?? 0;
    const { by, value } = this.#wanted;
    const number = decisions - 1;
    const key = { decision: number, request, line: traceLine }[by];
    if (key !== value) return;
    this.#alike.push(number);
    this.#found = {
      decision: number,
      journalLine: line,
      atNs: nowNs,
      request,
      traceLine,
      target: numbers[COLUMN.target!]!,
      outcome: numbers[COLUMN.outcome!]!,
    };
  }
}
