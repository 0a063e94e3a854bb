/** Bytes gathered before they are handed over. */
const CHUNK_BYTES = 256 * 1024;

/** Room that the next number, or the end of a line, surely fits in. */
const MARGIN_BYTES = 32;

const COMMA = 44;
const MINUS = 45;
const ZERO = 48;
const NEWLINE = 10;
const OPEN = 91;
const CLOSE = 93;
const QUOTE = 34;

/**
 * Writes journal lines, `["s",3,120,17]`, as bytes: digits straight into a chunk, no text between.
 * A full chunk is given away and not touched again, always at the end of a line.
 */
export class LineWriter {
  /** Lines written. */
  lines = 0;
  readonly #sink: (chunk: Uint8Array<ArrayBuffer>) => void;
  #bytes = new Uint8Array(CHUNK_BYTES + 1024);
  #used = 0;

  constructor(sink: (chunk: Uint8Array<ArrayBuffer>) => void) {
    this.#sink = sink;
  }

  /** Begins a line of the kind that the character code `tag` stands for. */
  open(tag: number): void {
    const bytes = this.#bytes;
    let at = this.#used;
    bytes[at++] = OPEN;
    bytes[at++] = QUOTE;
    bytes[at++] = tag;
    bytes[at++] = QUOTE;
    this.#used = at;
  }

  /** Appends a whole number that a double holds exactly. */
  int(value: number): void {
    if (this.#used + MARGIN_BYTES > this.#bytes.length) this.#makeRoom(MARGIN_BYTES);
    const bytes = this.#bytes;
    let at = this.#used;
    bytes[at++] = COMMA;
    let rest = value;
    if (rest < 0) {
      bytes[at++] = MINUS;
      rest = -rest;
    }
    if (rest < 10) {
      bytes[at] = ZERO + rest;
      this.#used = at + 1;
      return;
    }
    // Nine digits at a time stay within the arithmetic of 32-bit integers.
    if (rest >= 1e9) {
      this.#used = at;
      this.#ascii(String(rest));
      return;
    }
    const end = at + digitsOf(rest);
    for (let place = end - 1; place >= at; place--) {
      const tenth = (rest / 10) | 0;
      bytes[place] = ZERO + rest - tenth * 10;
      rest = tenth;
    }
    this.#used = end;
  }

  /** Appends any finite number. */
  number(value: number): void {
    if (Number.isSafeInteger(value)) this.int(value);
    else this.#ascii(`,${value}`);
  }

  /** Ends the line. */
  close(): void {
    this.#bytes[this.#used++] = CLOSE;
    this.#bytes[this.#used++] = NEWLINE;
    this.#ended();
  }

  /** Writes a whole line of JSON text. */
  line(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.#makeRoom(bytes.length + MARGIN_BYTES);
    this.#bytes.set(bytes, this.#used);
    this.#used += bytes.length;
    this.#bytes[this.#used++] = NEWLINE;
    this.#ended();
  }

  /** Hands over what has been gathered. */
  flush(): void {
    if (this.#used === 0) return;
    const chunk = this.#bytes.subarray(0, this.#used);
    this.#bytes = new Uint8Array(CHUNK_BYTES + 1024);
    this.#used = 0;
    this.#sink(chunk);
  }

  #ended(): void {
    this.lines++;
    if (this.#used >= CHUNK_BYTES) this.flush();
  }

  #ascii(text: string): void {
    this.#makeRoom(text.length + MARGIN_BYTES);
    for (let index = 0; index < text.length; index++) {
      this.#bytes[this.#used++] = text.charCodeAt(index);
    }
  }

  #makeRoom(more: number): void {
    if (this.#used + more <= this.#bytes.length) return;
    const grown = new Uint8Array((this.#used + more) * 2);
    grown.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = grown;
  }
}

/** Decimal digits of a number from 10 to 10⁹ − 1. */
function digitsOf(value: number): number {
  if (value < 1e5) {
    if (value < 1e3) return value < 100 ? 2 : 3;
    return value < 1e4 ? 4 : 5;
  }
  if (value < 1e7) return value < 1e6 ? 6 : 7;
  return value < 1e8 ? 8 : 9;
}
