import { InputError } from '#core/base/errors.ts';

/** Longer lines are refused: a request of a million blocks needs a tenth of this. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024;

const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = '\ufeff';

/** Takes a line without its line end. */
export type LineVisitor = (text: string, line: number) => void;

/**
 * Cuts a stream of bytes into lines of text and hands them on, numbered from 1. Accepts LF and
 * CRLF, a byte-order mark, and blank lines at the end; a blank line inside is refused.
 */
export class LineSplitter {
  readonly #file: string;
  readonly #visit: LineVisitor;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #line = 0;
  #blankLine = 0;

  constructor(file: string, visit: LineVisitor) {
    this.#file = file;
    this.#visit = visit;
  }

  /** Lines completed so far. */
  get line(): number {
    return this.#line;
  }

  /** Takes the next bytes; they are copied where they must outlive the call. */
  push(bytes: Uint8Array): void {
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(NEWLINE, start);
      if (end < 0) break;
      this.#complete(bytes.subarray(start, end));
      start = end + 1;
    }
    if (start < bytes.length) this.#hold(bytes.slice(start));
  }

  /** The stream has ended: hands on a last line that has no line end. */
  end(): void {
    if (this.#pendingBytes > 0) this.#complete(new Uint8Array(0));
  }

  #hold(bytes: Uint8Array): void {
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    this.#checkLength(this.#pendingBytes);
  }

  #checkLength(bytes: number): void {
    if (bytes <= MAX_LINE_BYTES) return;
    throw new InputError('trace_invalid', 'the line is longer than 64 MiB', {
      file: this.#file,
      line: this.#line + 1,
      remedy: 'a trace has one request a line; is this another kind of file?',
    });
  }

  #complete(rest: Uint8Array): void {
    let bytes = rest;
    if (this.#pendingBytes > 0) {
      this.#checkLength(this.#pendingBytes + rest.length);
      bytes = concatenate([...this.#pending, rest], this.#pendingBytes + rest.length);
      this.#pending = [];
      this.#pendingBytes = 0;
    }
    this.#line++;
    let text = this.#decode(bytes);
    if (text.endsWith('\r')) text = text.slice(0, -1);
    if (this.#line === 1 && text.startsWith(BYTE_ORDER_MARK)) text = text.slice(1);
    if (text.trim() === '') {
      if (this.#blankLine === 0) this.#blankLine = this.#line;
      return;
    }
    if (this.#blankLine > 0) {
      throw new InputError('trace_invalid', 'a blank line inside the trace', {
        file: this.#file,
        line: this.#blankLine,
        remedy: 'remove it; blank lines may only end a trace',
      });
    }
    this.#visit(text, this.#line);
  }

  #decode(bytes: Uint8Array): string {
    try {
      return this.#decoder.decode(bytes);
    } catch {
      throw new InputError('trace_invalid', 'the line is not UTF-8 text', {
        file: this.#file,
        line: this.#line,
        remedy: 'is the file damaged, or of another kind?',
      });
    }
  }
}

function concatenate(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
