import type { DecisionLog } from '#core/router/decisions.ts';
import type { UserPolicies } from '#core/router/user-policies.ts';
import { DecisionDigest, toldColumns } from './decision-digest.ts';
import { DECISION_COLUMNS } from './fact-table.ts';
import type { JournalHeader, JournalTrailer } from './header-lines.ts';
import { JournalFlight } from './journal-flight.ts';
import { type JournalEnd, JournalEntry, JournalReader } from './journal-reader.ts';

/** A decision by the names of its columns. */
export type DecisionRow = Readonly<Record<string, number>>;

/** The first decision that core makes in another way than the journal says. */
export interface JournalDifference {
  /** 0-based number of the decision. */
  readonly decision: number;
  /** The fact that led to it: its line's number, its text, its time. */
  readonly factLine: number;
  readonly fact: string;
  readonly atNs: number;
  /** Line of the decision in the journal, or where it should stand. */
  readonly line: number;
  /** The two sides; undefined where that one decided nothing. */
  readonly journal: DecisionRow | undefined;
  readonly core: DecisionRow | undefined;
}

/** What flying a journal again has shown. */
export interface Verification extends JournalEnd {
  readonly facts: number;
  readonly decisions: number;
  /** `DecisionDigest` of the decisions that core made. */
  readonly digest: string;
  readonly difference: JournalDifference | undefined;
}

/**
 * Flies a journal again through core alone and holds every decision against the one that the journal
 * has, up to the first that differs.
 */
export class JournalVerifier {
  readonly #reader: JournalReader;
  readonly #digest = new DecisionDigest();
  readonly #policiesOf: ((header: JournalHeader) => UserPolicies | undefined) | undefined;
  #flight: JournalFlight | undefined;
  #difference: JournalDifference | undefined;
  /** Decisions that the journal has told since the last fact. */
  #told = 0;
  #factLine = 0;
  #factNs = 0;
  #entry: number = JournalEntry.none;

  /**
   * @param file for errors.
   * @param policiesOf loads the policy file that the header's config names.
   */
  constructor(file: string, policiesOf?: (header: JournalHeader) => UserPolicies | undefined) {
    this.#reader = new JournalReader(file);
    this.#policiesOf = policiesOf;
  }

  /** Lines read so far. */
  get line(): number {
    return this.#reader.line;
  }

  /** Flies the next bytes of the journal; false once a difference was found, and no more is needed. */
  push(chunk: Uint8Array): boolean {
    if (this.#difference !== undefined) return false;
    this.#reader.push(chunk);
    while (this.#difference === undefined) {
      const entry = this.#reader.next();
      if (entry === JournalEntry.none) return true;
      this.#take(entry);
    }
    return false;
  }

  /** After the last bytes, or the first difference. */
  finish(): Verification {
    const reader = this.#reader;
    const stopped = this.#difference !== undefined;
    const end = stopped ? { lines: reader.line, whole: false, restBytes: 0 } : reader.finish();
    return {
      ...end,
      facts: reader.facts,
      decisions: reader.decisions,
      digest: this.#digest.text,
      difference: this.#difference,
    };
  }

  #take(entry: number): void {
    const reader = this.#reader;
    this.#entry = entry;
    if (entry === JournalEntry.header) {
      this.#flight = new JournalFlight(reader, this.#policiesOf?.(reader.header));
      return;
    }
    const { decisions } = this.#flight!.router;
    if (entry === JournalEntry.decision) this.#compare(decisions);
    else if (this.#told < decisions.count) this.#differ(undefined, rowOf(decisions, this.#told));
    else if (entry === JournalEntry.fact) this.#apply(decisions);
    else if (entry === JournalEntry.trailer) this.#checkCounts(reader.trailer!);
  }

  #apply(decisions: DecisionLog): void {
    const reader = this.#reader;
    decisions.clear();
    this.#told = 0;
    this.#factLine = reader.line;
    this.#factNs = reader.nowNs;
    this.#flight!.apply();
    for (let row = 0; row < decisions.count; row++) this.#digest.add(decisions, row);
  }

  /** The decision of the journal that was read last against the next one that core has made. */
  #compare(decisions: DecisionLog): void {
    const { values } = this.#reader;
    const row = this.#told++;
    const made = row < decisions.count;
    let same = made;
    for (let column = 0; same && column < DECISION_COLUMNS.length; column++) {
      // Columns that the line lacks are neutral.
      const told = column < values.count ? values.numbers[column] : 0;
      same = decisions[DECISION_COLUMNS[column]!.name][row] === told;
    }
    if (same) return;
    const names = DECISION_COLUMNS.slice(0, values.count);
    const told = Object.fromEntries(names.map(({ name }, at) => [name, values.numbers[at]!]));
    this.#differ(told, made ? rowOf(decisions, row) : undefined);
  }

  #differ(journal: DecisionRow | undefined, core: DecisionRow | undefined): void {
    const reader = this.#reader;
    this.#difference = {
      decision: reader.decisions - (journal === undefined ? 0 : 1),
      factLine: this.#factLine,
      // A decision is missed when the next fact has been read already.
      fact: reader.factText(this.#entry === JournalEntry.fact),
      atNs: this.#factNs,
      line: journal === undefined ? this.#factLine + this.#told + 1 : reader.line,
      journal,
      core,
    };
  }

  /** Lines may be missing from the middle without a decision that differs. */
  #checkCounts({ facts, decisions, digest }: JournalTrailer): void {
    const reader = this.#reader;
    const found = { facts: reader.facts, decisions: reader.decisions, digest: this.#digest.text };
    if (found.facts === facts && found.decisions === decisions && found.digest === digest) return;
    const sums = ({ facts: f, decisions: d, digest: sum }: JournalTrailer): string =>
      `${f} facts, ${d} decisions, digest ${sum}`;
    const counted = sums({ facts, decisions, digest });
    throw reader.invalid(`the last line counts ${counted}; there are ${sums(found)}`);
  }
}

function rowOf(decisions: DecisionLog, row: number): DecisionRow {
  const told = DECISION_COLUMNS.slice(0, toldColumns(decisions, row));
  return Object.fromEntries(told.map(({ name }) => [name, decisions[name][row]!]));
}
