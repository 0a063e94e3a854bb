const NEWLINE = 0x0a;
const RETURN = 0x0d;
const EMPTY = Buffer.alloc(0);

/** A line longer than this is not kept: the event that it belongs to is dropped, and counted. */
const MAX_EVENT_BYTES = 16 * 1024 * 1024;

/** One event of a stream of server-sent events. */
export interface SseEvent {
  /** The payload of its `data:` lines, joined by line feeds. */
  readonly data: Buffer;
}

/**
 * Splits a stream of server-sent events, however its bytes are cut into chunks. Comments, `event:`,
 * `id:` and `retry:` lines mean nothing to engines and are passed over.
 */
export class SseSplitter {
  /** Events that were too long to be read. */
  dropped = 0;
  #rest: Buffer = EMPTY;
  #data: Buffer[] = [];
  #skipping = false;

  /** Calls `take` with the payload of every event that this chunk completes. */
  push(chunk: Buffer, take: (data: Buffer) => void): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let from = 0;
    for (;;) {
      const newline = bytes.indexOf(NEWLINE, from);
      if (newline < 0) break;
      this.#line(
        bytes,
        from,
        newline > from && bytes[newline - 1] === RETURN ? newline - 1 : newline,
        take,
      );
      from = newline + 1;
    }
    this.#rest = from === bytes.length ? EMPTY : bytes.subarray(from);
    if (this.#rest.length > MAX_EVENT_BYTES) {
      this.#rest = EMPTY;
      this.#skipping = true;
    }
  }

  #line(bytes: Buffer, from: number, to: number, take: (data: Buffer) => void): void {
    if (from === to) {
      if (this.#skipping) this.dropped++;
      else if (this.#data.length > 0) take(joinLines(this.#data));
      this.#data = [];
      this.#skipping = false;
      return;
    }
    if (this.#skipping || !startsWithData(bytes, from, to)) return;
    const payload = bytes[from + 5] === 0x20 && from + 5 < to ? from + 6 : from + 5;
    this.#data.push(bytes.subarray(payload, to));
  }
}

function startsWithData(bytes: Buffer, from: number, to: number): boolean {
  return (
    to - from >= 5 &&
    bytes[from] === 0x64 &&
    bytes[from + 1] === 0x61 &&
    bytes[from + 2] === 0x74 &&
    bytes[from + 3] === 0x61 &&
    bytes[from + 4] === 0x3a
  );
}

function joinLines(lines: readonly Buffer[]): Buffer {
  if (lines.length === 1) return lines[0]!;
  const newline = Buffer.from('\n');
  return Buffer.concat(lines.flatMap((line, index) => (index === 0 ? [line] : [newline, line])));
}
