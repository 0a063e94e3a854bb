import { canonicalJson } from '#core/base/canonical-json.ts';
import type { Ns } from '#core/base/time.ts';
import type { DecisionLog } from '#core/router/decisions.ts';
import type { RouterFacts } from '#core/router/facts.ts';
import type { RouteQuery } from '#core/router/query.ts';
import type { OutsideBooking } from '#core/router/replicas/outside-booking.ts';
import { DecisionDigest, toldColumns } from './decision-digest.ts';
import {
  BOOKING_COLUMNS,
  DECISION_COLUMNS,
  FACTS,
  NEUTRAL_QUERY,
  NOTE_TAGS,
  QUERY_COLUMNS,
} from './fact-table.ts';
import { trailerLine } from './header-lines.ts';
import type { LineWriter } from './line-writer.ts';

/** What the line of a kind of fact is made of. */
export interface WrittenFact {
  /** Character code of its letter. */
  readonly tag: number;
  /** Numbers of its line. */
  readonly numbers: number;
}

/** The lines of all facts, by name. */
export const FACT = Object.fromEntries(
  FACTS.map(({ name, tag, columns }): [string, WrittenFact] => [
    name,
    { tag: tag.charCodeAt(0), numbers: columns.length },
  ]),
) as Readonly<Record<keyof RouterFacts, WrittenFact>>;

const TIME = NOTE_TAGS.time.charCodeAt(0);
const DECISION = NOTE_TAGS.decision.charCodeAt(0);

/** Writes the facts of a router, their times, and the decisions that the last one led to. */
export class FactWriter {
  readonly #writer: LineWriter;
  readonly #log: DecisionLog;
  readonly #digest = new DecisionDigest();
  #nowNs: Ns = 0;
  /** Decisions in the log before the last fact. */
  #before = 0;
  #facts = 0;

  /** `log`: where the router puts its decisions. */
  constructor(writer: LineWriter, log: DecisionLog) {
    this.#writer = writer;
    this.#log = log;
  }

  /** The time of the facts that follow. */
  at(nowNs: Ns): void {
    if (nowNs === this.#nowNs) return;
    this.#writer.open(TIME);
    this.#writer.int(nowNs - this.#nowNs);
    this.#writer.close();
    this.#nowNs = nowNs;
  }

  /** A fact of so many numbers. */
  fact(fact: WrittenFact, a = 0, b = 0, c = 0, d = 0, e = 0): void {
    const { numbers } = fact;
    const writer = this.#open(fact);
    if (numbers > 0) writer.int(a);
    if (numbers > 1) writer.int(b);
    if (numbers > 2) writer.int(c);
    if (numbers > 3) writer.int(d);
    if (numbers > 4) writer.int(e);
    writer.close();
  }

  /** A fact that is a list of any length: values[0 … count). */
  list(fact: WrittenFact, values: Int32Array, count: number): void {
    const writer = this.#open(fact);
    for (let index = 0; index < count; index++) writer.int(values[index]!);
    writer.close();
  }

  /** A fact that ends in an object. */
  object(fact: WrittenFact, numbers: readonly number[], object: object): void {
    this.#begin();
    this.#writer.line(canonicalJson([String.fromCharCode(fact.tag), ...numbers, object]));
  }

  /** An arrival, as far as the last column that is not neutral. */
  query(query: Readonly<RouteQuery>): void {
    let columns = QUERY_COLUMNS.length;
    while (columns > 1 && query[QUERY_COLUMNS[columns - 1]!.name] === NEUTRAL_QUERY[columns - 1]) {
      columns--;
    }
    const writer = this.#open(FACT.arrive);
    for (let column = 0; column < columns; column++) {
      writer.number(query[QUERY_COLUMNS[column]!.name]);
    }
    writer.close();
  }

  booking(booking: Readonly<OutsideBooking>): void {
    const writer = this.#open(FACT.bookedElsewhere);
    for (const { name } of BOOKING_COLUMNS) writer.int(booking[name]);
    writer.close();
  }

  /** What the last fact led to. */
  decisions(): void {
    const log = this.#log;
    if (log.count === this.#before) return;
    const writer = this.#writer;
    for (let row = this.#before; row < log.count; row++) {
      writer.open(DECISION);
      const columns = toldColumns(log, row);
      for (let column = 0; column < columns; column++) {
        writer.number(log[DECISION_COLUMNS[column]!.name][row]!);
      }
      writer.close();
      this.#digest.add(log, row);
    }
  }

  /** The last line, which says that the journal is whole; everything is handed over. */
  finish(): void {
    const { count, text } = this.#digest;
    this.#writer.line(trailerLine({ facts: this.#facts, decisions: count, digest: text }));
    this.#writer.flush();
  }

  #begin(): void {
    this.#facts++;
    this.#before = this.#log.count;
  }

  #open(fact: WrittenFact): LineWriter {
    this.#begin();
    this.#writer.open(fact.tag);
    return this.#writer;
  }
}
