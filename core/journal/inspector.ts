import type { Ns } from '#core/base/time.ts';
import { DECISION_COLUMNS, FACTS, QUERY_COLUMNS } from './fact-table.ts';
import type { JournalHeader } from './header-lines.ts';
import { type JournalEnd, JournalEntry, JournalReader } from './journal-reader.ts';

/** What a journal holds, without flying it. */
export interface JournalInspection extends JournalEnd {
  readonly header: JournalHeader;
  /** From the first fact to the last. */
  readonly spanNs: Ns;
  /** Facts by their name, those that never came left out. */
  readonly facts: Readonly<Record<string, number>>;
  readonly decisions: number;
  /** Decisions for requests that had waited in the router's queue. */
  readonly queued: number;
  /** Decisions by the code of their outcome. */
  readonly outcomes: readonly number[];
  /** Targets that were in the fleet at any time. */
  readonly targets: number;
  /** Fewest and most requests that one of them has been sent. */
  readonly requestsPerTarget: { readonly fewest: number; readonly most: number };
  readonly overlapBlocks: number;
  readonly promptBlocks: number;
  readonly nodes: number;
  readonly sessions: number;
}

const COLUMN = Object.fromEntries(DECISION_COLUMNS.map(({ name }, index) => [name, index]));

/** Counts what the lines of a journal are. */
export class JournalInspector {
  readonly #reader: JournalReader;
  readonly #facts = new Map<string, number>();
  readonly #outcomes: number[] = [];
  readonly #perTarget: number[] = [];
  /** Those that came to the fleet after its journal had begun, as all of a live router's do. */
  readonly #added: boolean[] = [];
  #firstNs = -1;
  #queued = 0;
  #overlapBlocks = 0;
  #promptBlocks = 0;

  /** @param file for errors. */
  constructor(file: string) {
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
      if (entry === JournalEntry.fact) this.#takeFact();
      else if (entry === JournalEntry.decision) this.#takeDecision();
    }
    return true;
  }

  /** After the last bytes. */
  finish(): JournalInspection {
    const reader = this.#reader;
    const end = reader.finish();
    const { targets: atFirst } = reader.header.router;
    const ids = Array.from({ length: Math.max(atFirst, this.#added.length) }, (_, id) => id);
    const targets = ids.filter((id) => id < atFirst || this.#added[id] === true);
    const counts = targets.map((target) => this.#perTarget[target] ?? 0);
    const names = FACTS.filter(({ name }) => this.#facts.has(name));
    return {
      ...end,
      header: reader.header,
      spanNs: this.#firstNs < 0 ? 0 : reader.nowNs - this.#firstNs,
      facts: Object.fromEntries(names.map(({ name }) => [name, this.#facts.get(name)!])),
      decisions: reader.decisions,
      queued: this.#queued,
      outcomes: Array.from(this.#outcomes, (count) => count ?? 0),
      targets: targets.length,
      requestsPerTarget: {
        fewest: counts.length === 0 ? 0 : counts.reduce((a, b) => Math.min(a, b)),
        most: counts.reduce((a, b) => Math.max(a, b), 0),
      },
      overlapBlocks: this.#overlapBlocks,
      promptBlocks: this.#promptBlocks,
      nodes: reader.forest.told,
      sessions: reader.sessions.length,
    };
  }

  #takeFact(): void {
    const { fact, nowNs, values } = this.#reader;
    if (this.#firstNs < 0) this.#firstNs = nowNs;
    this.#facts.set(fact.name, (this.#facts.get(fact.name) ?? 0) + 1);
    if (fact.name === 'addTarget') this.#added[values.numbers[0]!] = true;
    if (fact.name === 'arrive') this.#promptBlocks += values.fillQuery(QUERY_COLUMNS).totalBlocks;
  }

  #takeDecision(): void {
    const { numbers } = this.#reader.values;
    const outcome = numbers[COLUMN.outcome!]!;
    const target = numbers[COLUMN.target!]!;
    this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + 1;
    if (target >= 0) this.#perTarget[target] = (this.#perTarget[target] ?? 0) + 1;
    this.#queued += numbers[COLUMN.queued!]!;
    this.#overlapBlocks += numbers[COLUMN.overlapBlocks!]!;
  }
}
