import { InputError } from '#core/base/errors.ts';
import type { Ns } from '#core/base/time.ts';
import { allowedOf, type ColumnRange, type JournalColumn, rangesOf } from './columns.ts';
import { damageOf, type ObjectShape } from './damage.ts';
import { DECISION_COLUMNS, FACTS, type FactKind, NOTE_TAGS } from './fact-table.ts';
import type { FactValues } from './fact-values.ts';
import { readHeader, readTrailer } from './header.ts';
import type { JournalHeader, JournalTrailer } from './header-lines.ts';
import { JournalForest } from './journal-forest.ts';
import { LineReader } from './line-reader.ts';

/** What the line is that was read last. Times and names of sessions the reader takes in itself. */
export const JournalEntry = {
  none: 0,
  header: 1,
  fact: 2,
  decision: 3,
  request: 4,
  node: 5,
  trailer: 6,
};

/** Where a journal ends. */
export interface JournalEnd {
  /** Whole lines read. */
  readonly lines: number;
  /** Without a last line that says so, the journal was cut. */
  readonly whole: boolean;
  /** Bytes of a line that was cut in the middle. */
  readonly restBytes: number;
}

const NODE_COLUMNS: readonly JournalColumn[] = [
  { name: 'node', kind: 'node' },
  { name: 'parent', kind: 'node' },
  { name: 'attach', kind: 'blocks' },
  { name: 'length', kind: 'blocks' },
  { name: 'content', kind: 'integer' },
];
const TIME_COLUMNS: readonly JournalColumn[] = [{ name: 'passed', kind: 'integer' }];
const REQUEST_COLUMNS: readonly JournalColumn[] = [
  { name: 'request', kind: 'request' },
  { name: 'line', kind: 'count' },
  { name: 'outputTokens', kind: 'integer' },
  { name: 'session', kind: 'integer' },
  { name: 'thinkNs', kind: 'integer' },
  { name: 'tenant', kind: 'integer' },
  { name: 'task', kind: 'task' },
  { name: 'cancelAfterNs', kind: 'span' },
  { name: 'cancelAfterTokens', kind: 'count' },
  { name: 'firstTokenTimeoutNs', kind: 'span' },
  { name: 'timeoutNs', kind: 'span' },
];

/** One kind of line. */
interface LineKind {
  readonly entry: number;
  readonly columns: readonly JournalColumn[];
  /** What its columns may hold. */
  readonly ranges: readonly ColumnRange[];
  /** Fewest numbers of a line, and most. */
  readonly fewest: number;
  readonly most: number;
  readonly fact?: FactKind;
}

function note(entry: number, columns: readonly JournalColumn[], fewest = columns.length): LineKind {
  return { entry, columns, ranges: rangesOf(columns), fewest, most: columns.length };
}

function factKind(fact: FactKind): LineKind {
  const { columns, repeats, name } = fact;
  const fewest = name === 'arrive' ? 1 : columns.length;
  const most = repeats === true ? Number.POSITIVE_INFINITY : columns.length;
  const ranges = rangesOf(columns);
  return { entry: JournalEntry.fact, columns, ranges, fewest, most, fact };
}

/** Character code → kind of line. */
const KINDS: readonly (LineKind | undefined)[] = Array.from({ length: 128 }, (_, code) => {
  const letter = String.fromCharCode(code);
  const fact = FACTS.find(({ tag }) => tag === letter);
  if (fact !== undefined) return factKind(fact);
  switch (letter) {
    case NOTE_TAGS.time:
      return note(JournalEntry.none, TIME_COLUMNS);
    case NOTE_TAGS.node:
      return { ...note(JournalEntry.node, NODE_COLUMNS, 4), most: Number.POSITIVE_INFINITY };
    case NOTE_TAGS.request:
      return note(JournalEntry.request, REQUEST_COLUMNS, 3);
    case NOTE_TAGS.decision:
      return note(JournalEntry.decision, DECISION_COLUMNS, 1);
    default:
      return undefined;
  }
});

const TIME = NOTE_TAGS.time.charCodeAt(0);

/**
 * Reads a journal line by line, from bytes that may be cut anywhere, and checks what each line says.
 * It keeps what later lines build on: the header, the time, the forest, names of sessions and tenants.
 */
export class JournalReader {
  /** The first line; set once `next` has returned `header`. */
  header!: JournalHeader;
  /** The last line, if there is one. */
  trailer: JournalTrailer | undefined;
  /** The kind of the last fact that was read. */
  fact: FactKind = FACTS[0]!;
  earlierFact: FactKind = FACTS[0]!;
  nowNs: Ns = 0;
  facts = 0;
  decisions = 0;
  readonly forest = new JournalForest();
  readonly sessions: string[] = [];
  readonly tenants: string[] = [];
  readonly #lines: LineReader;
  readonly #file: string;

  /** @param file for errors. */
  constructor(file: string) {
    this.#file = file;
    this.#lines = new LineReader(file);
  }

  /** The numbers of the line that was read last. */
  get values(): FactValues {
    return this.#lines.values;
  }

  /** 1-based number of the line that was read last. */
  get line(): number {
    return this.#lines.line;
  }

  /** The last fact, or the one before it, as its line. */
  factText(earlier: boolean): string {
    const { numbers, count, object } = earlier ? this.#lines.earlierFact : this.#lines.fact;
    const { tag } = earlier ? this.earlierFact : this.fact;
    const objects = object === undefined ? [] : [object];
    return JSON.stringify([tag, ...numbers.subarray(0, count), ...objects]);
  }

  /** The line that was read last, as text. */
  get text(): string {
    return this.#lines.text;
  }

  /** Adds the next bytes of the journal. */
  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  /**
   * Reads on to the next line that somebody else may want, and says what it is; `none` when no whole
   * line is left. Throws `journal_invalid` at a line that cannot be.
   */
  next(): number {
    while (this.#lines.next()) {
      const entry = this.#take();
      if (entry !== JournalEntry.none) return entry;
    }
    return JournalEntry.none;
  }

  /** After the last bytes: how the journal ends. One without a header is refused. */
  finish(): JournalEnd {
    const restBytes = this.#lines.restBytes;
    if (this.line === 0 && restBytes === 0) {
      throw new InputError('journal_invalid', 'the file is empty', {
        file: this.#file,
        remedy: 'name a journal, as windtunnel replay --journal and windtunnel serve write them',
      });
    }
    if (this.line === 0) throw this.#lines.invalid('the journal has no first line', 1);
    if (this.trailer !== undefined && restBytes > 0) throw this.#afterTheEnd(this.line + 1);
    return { lines: this.line, whole: this.trailer !== undefined, restBytes };
  }

  /** An error that names the line that was read last. */
  invalid(problem: string, received?: unknown): Error {
    return this.#lines.invalid(problem, this.line, received === undefined ? {} : { received });
  }

  #take(): number {
    const { tag } = this.#lines;
    if (this.line === 1) {
      this.header = readHeader(this.#lines.json, this.#file);
      return JournalEntry.header;
    }
    if (this.trailer !== undefined) throw this.#afterTheEnd(this.line);
    if (tag === 0) return this.#takeJson();
    const kind = tag < 128 ? KINDS[tag] : undefined;
    if (kind === undefined) throw this.invalid('no such kind of line', String.fromCharCode(tag));
    this.#check(kind);
    if (kind.fact !== undefined) {
      this.earlierFact = this.fact;
      this.fact = kind.fact;
      this.facts++;
    } else if (kind.entry === JournalEntry.decision) {
      this.decisions++;
    } else if (kind.entry === JournalEntry.node) {
      this.#takeNode();
    } else if (tag === TIME) {
      this.#takeTime();
    }
    return kind.entry;
  }

  /** A line that is no array of a letter and numbers: the name of something, or the last line. */
  #takeJson(): number {
    const { json } = this.#lines;
    if (!Array.isArray(json)) {
      this.trailer = readTrailer(json);
      if (this.trailer === undefined) throw this.invalid('no such kind of line', json);
      return JournalEntry.trailer;
    }
    const [tag, number, name] = json as unknown[];
    const names = tag === NOTE_TAGS.session ? this.sessions : this.tenants;
    const isKnown = names === this.sessions || tag === NOTE_TAGS.tenant;
    if (!isKnown || json.length !== 3 || typeof name !== 'string') {
      throw this.invalid('no such kind of line', json);
    }
    if (number !== names.length) throw this.invalid('names are numbered from 0', number);
    names.push(name);
    return JournalEntry.none;
  }

  #takeTime(): void {
    this.nowNs += this.values.numbers[0]!;
    if (!Number.isSafeInteger(this.nowNs)) throw this.invalid('time runs out of exact numbers');
  }

  #takeNode(): void {
    const { numbers } = this.values;
    const problem = this.forest.tell(numbers[0]!, numbers[1]!, numbers[2]!, numbers[3]!);
    if (problem !== undefined) throw this.invalid(problem, this.text);
  }

  #check({ columns, ranges, fewest, most, entry, fact }: LineKind): void {
    const { count, numbers, object } = this.values;
    if (object !== undefined || fact?.object !== undefined) this.#checkObject(fact?.object);
    if (count < fewest || count > most) throw this.#badCount(count, fewest, most);
    const last = ranges.length - 1;
    for (let index = 0; index < count; index++) {
      const range = ranges[index < last ? index : last]!;
      const value = numbers[index]!;
      if (value < range.least || value > range.most || (range.whole && !Number.isInteger(value))) {
        throw this.#badValue(columns[Math.min(index, last)]!, value);
      }
      if (range.isNode && value >= 0 && entry === JournalEntry.fact && !this.forest.has(value)) {
        throw this.invalid('no line before has said what the node is', value);
      }
    }
  }

  #checkObject(shape: ObjectShape | undefined): void {
    const { object } = this.values;
    if (shape === undefined) throw this.invalid('no object belongs here');
    if (object === undefined) throw this.invalid('an object is missing');
    const damage = damageOf(shape, object);
    if (damage === undefined) return;
    const { problem, ...what } = damage;
    throw this.#lines.invalid(problem, this.line, what);
  }

  #badValue({ name, kind }: JournalColumn, value: number): Error {
    return this.invalid(`${name} must be ${allowedOf(kind)}`, value);
  }

  #badCount(count: number, fewest: number, most: number): Error {
    const upTo = most === Number.POSITIVE_INFINITY ? ' or more' : ` to ${most}`;
    const allowed = `${fewest}${fewest === most ? '' : upTo}`;
    return this.invalid(`the line has ${count} numbers, expected ${allowed}`, this.text);
  }

  #afterTheEnd(line: number): Error {
    return this.#lines.invalid('the journal goes on after its last line', line);
  }
}
