import { growColumn, RowAllocator } from '#core/base/columns.ts';
import { WindtunnelError } from '#core/base/errors.ts';

/** A pin as its owner names it: row and generation in one integer. */
export type PinHandle = number;

const ROW_LIMIT = 2 ** 26;
const GENERATION_LIMIT = 2 ** 27;

/**
 * Pins: holders that are no requests (a transfer under way, an operator). A row is a pin.
 *
 *     #block[pin]        the block that it holds, −1 = the row is free
 *     #generation[pin]   counts the row's uses
 */
export class PinTable {
  readonly #rows = new RowAllocator();
  #block = new Int32Array(16).fill(-1);
  #generation = new Uint32Array(16);

  /** Pins in force. */
  get size(): number {
    return this.#rows.used;
  }

  take(block: number): PinHandle {
    const pin = this.#rows.take();
    this.#block = growColumn(this.#block, pin + 1);
    this.#generation = growColumn(this.#generation, pin + 1);
    this.#block[pin] = block;
    return this.#generation[pin]! * ROW_LIMIT + pin;
  }

  /** Ends the pin and returns its block. A second time: `block_double_release`. */
  give(handle: PinHandle): number {
    const pin = handle % ROW_LIMIT;
    const block = pin >= 0 && pin < this.#block.length ? this.#block[pin]! : -1;
    if (block < 0 || this.#generation[pin] !== Math.floor(handle / ROW_LIMIT)) {
      throw new WindtunnelError('block_double_release', 'this pin was ended before', { pin });
    }
    this.#block[pin] = -1;
    this.#generation[pin] = (this.#generation[pin]! + 1) % GENERATION_LIMIT;
    this.#rows.give(pin);
    return block;
  }
}
