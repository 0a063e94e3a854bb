const HEAD = 24;
const TAIL = 24;
const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/**
 * Marks of the last batches applied, by sequence number: whoever comes with a number that was used is
 * a copy when its mark is equal, and of another life of the engine when it is not. A mark is made of
 * a payload's length and ends; the time of the engine's clock is among the first bytes.
 *
 *     #mark[sequence mod size]
 */
export class DigestRing {
  readonly #mark: Float64Array;
  #from = 0;
  #end = 0;

  constructor(size: number) {
    this.#mark = new Float64Array(size);
  }

  /** Remembers nothing any more; the next batch has this number. */
  restart(next: number): void {
    this.#from = next;
    this.#end = next;
  }

  /** The batch that follows the last one. */
  push(payload: Uint8Array): void {
    this.#mark[this.#end % this.#mark.length] = markOf(payload);
    this.#end++;
    if (this.#end - this.#from > this.#mark.length) this.#from = this.#end - this.#mark.length;
  }

  /** The lowest number that is still remembered. */
  get from(): number {
    return this.#from;
  }

  /** Whether the payload is the one that was applied under the number. */
  matches(sequence: number, payload: Uint8Array): boolean {
    if (sequence < this.#from || sequence >= this.#end) return false;
    return this.#mark[sequence % this.#mark.length] === markOf(payload);
  }
}

/** FNV-1a over both ends of the payload, then its length. */
function markOf(payload: Uint8Array): number {
  const { length } = payload;
  let hash = OFFSET;
  for (let at = 0; at < Math.min(HEAD, length); at++) hash = Math.imul(hash ^ payload[at]!, PRIME);
  for (let at = Math.max(HEAD, length - TAIL); at < length; at++) {
    hash = Math.imul(hash ^ payload[at]!, PRIME);
  }
  return (hash >>> 0) + (length % 0x20_0000) * 4_294_967_296;
}
