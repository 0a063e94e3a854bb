/** What a character of text and a token id take in memory. */
const BYTES_PER_CHARACTER = 2;
const BYTES_PER_TOKEN = 4;

/** Pieces of text that were tokenized before, and their tokens; what was used least lately goes first. */
export class PieceCache {
  readonly #maxBytes: number;
  /** In the order of their last use, as maps keep it. */
  readonly #pieces = new Map<string, Uint32Array>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes in use. */
  get bytes(): number {
    return this.#bytes;
  }

  get(text: string): Uint32Array | undefined {
    const tokens = this.#pieces.get(text);
    if (tokens === undefined) return undefined;
    this.#pieces.delete(text);
    this.#pieces.set(text, tokens);
    return tokens;
  }

  /** Remembers a piece that is not there yet; one that is larger than the cache is not kept. */
  add(text: string, tokens: Uint32Array): void {
    const bytes = bytesOf(text, tokens);
    if (bytes > this.#maxBytes) return;
    this.#pieces.set(text, tokens);
    this.#bytes += bytes;
    for (const [oldest, its] of this.#pieces) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#pieces.delete(oldest);
      this.#bytes -= bytesOf(oldest, its);
    }
  }
}

function bytesOf(text: string, tokens: Uint32Array): number {
  return BYTES_PER_CHARACTER * text.length + BYTES_PER_TOKEN * tokens.length;
}
