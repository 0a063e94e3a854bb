import { InputError, type InputErrorOptions } from '#core/base/errors.ts';
import { FACTS } from './fact-table.ts';
import { FactValues } from './fact-values.ts';
import { noJournal } from './header.ts';

/** No line is longer; a file without ends of lines is refused before it fills the memory. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

const COMMA = 44;
const MINUS = 45;
const ZERO = 48;
const NEWLINE = 10;
const OPEN = 91;
const CLOSE = 93;
const QUOTE = 34;
const FACT_TAGS = Uint8Array.from({ length: 256 }, (_, code) =>
  FACTS.some(({ tag }) => tag.charCodeAt(0) === code) ? 1 : 0,
);

/** More digits than these may not be exact. */
const MAX_DIGITS = 15;

/**
 * Takes the bytes of a journal apart into lines. A line of a letter and whole numbers, which nearly
 * all are, is read digit by digit; any other is JSON, as one with an object behind its numbers.
 */
export class LineReader {
  /** 1-based number of the line that was read last. */
  line = 0;
  /** Character code of its letter; 0 = it is no array of a letter and numbers, see `json`. */
  tag = 0;
  /** Its numbers. Those of a fact stay in `fact`, then in `earlierFact`, until there are two more. */
  values: FactValues;
  /** What the line holds, where it is no array of a letter and numbers. */
  json: unknown;
  fact = new FactValues();
  earlierFact = new FactValues();
  readonly #file: string;
  readonly #others = new FactValues();
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #at = 0;

  /** @param file for errors. */
  constructor(file: string) {
    this.#file = file;
    this.values = this.fact;
  }

  /** Bytes after the last whole line. */
  get restBytes(): number {
    return this.#bytes.length - this.#at;
  }

  /** Adds the next bytes of the journal, which are not copied where a line ended before them. */
  push(chunk: Uint8Array): void {
    const rest = this.#bytes.subarray(this.#at);
    this.#at = 0;
    this.#start = 0;
    if (rest.length === 0) {
      this.#bytes = chunk;
      return;
    }
    if (rest.length > MAX_LINE_BYTES) {
      throw this.invalid('the line does not end', this.line + 1);
    }
    const joined = new Uint8Array(rest.length + chunk.length);
    joined.set(rest);
    joined.set(chunk, rest.length);
    this.#bytes = joined;
  }

  /** Reads the next line; false when no whole one is there. */
  next(): boolean {
    if (!this.#readPlain() && !this.#readJson()) return false;
    this.line++;
    return true;
  }

  /** The line that was read last, as text. */
  get text(): string {
    return new TextDecoder().decode(this.#bytes.subarray(this.#start, this.#at)).trimEnd();
  }

  /** An error that names the line read last, or another. */
  invalid(problem: string, line = this.line, options: InputErrorOptions = {}) {
    const before = line > 1 ? '; the lines before this one are sound' : '';
    const remedy = `the file was changed or damaged${before}`;
    return new InputError('journal_invalid', problem, {
      file: this.#file,
      line,
      ...options,
      remedy,
    });
  }

  #readPlain(): boolean {
    const bytes = this.#bytes;
    const end = bytes.length;
    let at = this.#at;
    if (at + 4 >= end || bytes[at] !== OPEN || bytes[at + 1] !== QUOTE) return false;
    if (bytes[at + 3] !== QUOTE) return false;
    const tag = bytes[at + 2]!;
    const values = FACT_TAGS[tag] === 1 ? this.earlierFact : this.#others;
    let numbers = values.numbers;
    let count = 0;
    at += 4;
    while (at < end && bytes[at] === COMMA) {
      const negative = bytes[++at] === MINUS;
      if (negative) at++;
      const from = at;
      let value = 0;
      for (; at < end; at++) {
        const digit = bytes[at]! - ZERO;
        if (digit < 0 || digit > 9) break;
        value = value * 10 + digit;
      }
      const digits = at - from;
      if (digits === 0 || digits > MAX_DIGITS || (digits > 1 && bytes[from] === ZERO)) return false;
      if (count === numbers.length) numbers = values.grow();
      numbers[count++] = negative ? -value : value;
    }
    if (at + 1 >= end || bytes[at] !== CLOSE || bytes[at + 1] !== NEWLINE) return false;
    values.count = count;
    values.object = undefined;
    this.#accept(tag, values);
    this.#start = this.#at;
    this.#at = at + 2;
    return true;
  }

  #readJson(): boolean {
    const newline = this.#bytes.indexOf(NEWLINE, this.#at);
    if (newline < 0) return false;
    this.#start = this.#at;
    this.#at = newline + 1;
    this.json = this.#parse(this.#bytes.subarray(this.#start, newline));
    this.tag = 0;
    if (!Array.isArray(this.json)) return true;
    const [tag, ...rest] = this.json as unknown[];
    if (typeof tag !== 'string' || tag.length !== 1) return true;
    const object = isObject(rest.at(-1)) ? rest.pop() : undefined;
    if (!rest.every((value) => typeof value === 'number')) return true;
    const code = tag.charCodeAt(0);
    const values = FACT_TAGS[code] === 1 ? this.earlierFact : this.#others;
    values.count = 0;
    values.object = object;
    for (const value of rest) values.push(value);
    this.#accept(code, values);
    return true;
  }

  #accept(tag: number, values: FactValues): void {
    this.tag = tag;
    this.values = values;
    if (values !== this.earlierFact) return;
    this.earlierFact = this.fact;
    this.fact = values;
  }

  #parse(bytes: Uint8Array): unknown {
    try {
      return JSON.parse(this.#decoder.decode(bytes));
    } catch {
      if (this.line === 0) throw noJournal(this.#file);
      throw this.invalid('the line is no JSON', this.line + 1);
    }
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
