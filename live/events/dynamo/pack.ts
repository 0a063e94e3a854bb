/** What the messages of the event plane are made of. */
export type Packable =
  | null
  | boolean
  | string
  | number
  | bigint
  | Uint8Array
  | readonly Packable[]
  | { readonly [key: string]: Packable };

/**
 * Msgpack as Dynamo's own encoder (rmp-serde) writes it, byte for byte: every header and unsigned
 * integer as short as it goes. The packer of npm that reads it writes wider maps and signed integers.
 * Integers must be ≥ 0; numbers must be integers.
 */
export function pack(value: Packable): Uint8Array {
  const writer = new Writer();
  writer.write(value);
  return writer.bytes();
}

const encoder = new TextEncoder();

class Writer {
  #buffer = new Uint8Array(256);
  #view = new DataView(this.#buffer.buffer);
  #at = 0;

  bytes(): Uint8Array {
    return this.#buffer.slice(0, this.#at);
  }

  write(value: Packable): void {
    if (value === null) this.#byte(0xc0);
    else if (typeof value === 'boolean') this.#byte(value ? 0xc3 : 0xc2);
    else if (typeof value === 'bigint') this.#integer(value);
    else if (typeof value === 'number') this.#integer(BigInt(value));
    else if (typeof value === 'string') this.#text(value);
    else if (value instanceof Uint8Array) this.#binary(value);
    else if (isList(value)) this.#list(value);
    else this.#map(value);
  }

  #integer(value: bigint): void {
    if (value < 0x80n) this.#byte(Number(value));
    else if (value < 0x100n) this.#head(0xcc, 1, Number(value));
    else if (value < 0x1_0000n) this.#head(0xcd, 2, Number(value));
    else if (value < 0x1_0000_0000n) this.#head(0xce, 4, Number(value));
    else {
      this.#byte(0xcf);
      this.#reserve(8);
      this.#view.setBigUint64(this.#at, value);
      this.#at += 8;
    }
  }

  #text(value: string): void {
    const bytes = encoder.encode(value);
    if (bytes.length < 32) this.#byte(0xa0 | bytes.length);
    else this.#sized([0xd9, 0xda, 0xdb], bytes.length);
    this.#append(bytes);
  }

  #binary(bytes: Uint8Array): void {
    this.#sized([0xc4, 0xc5, 0xc6], bytes.length);
    this.#append(bytes);
  }

  #list(list: readonly Packable[]): void {
    if (list.length < 16) this.#byte(0x90 | list.length);
    else this.#sized([undefined, 0xdc, 0xdd], list.length);
    for (const item of list) this.write(item);
  }

  #map(map: { readonly [key: string]: Packable }): void {
    const entries = Object.entries(map);
    if (entries.length < 16) this.#byte(0x80 | entries.length);
    else this.#sized([undefined, 0xde, 0xdf], entries.length);
    for (const [key, value] of entries) {
      this.#text(key);
      this.write(value);
    }
  }

  /** A length behind the mark of its width: one byte where there is such a mark, two or four. */
  #sized([one, two, four]: readonly [number | undefined, number, number], length: number): void {
    if (one !== undefined && length < 0x100) this.#head(one, 1, length);
    else if (length < 0x1_0000) this.#head(two, 2, length);
    else this.#head(four, 4, length);
  }

  #head(mark: number, width: 1 | 2 | 4, value: number): void {
    this.#byte(mark);
    this.#reserve(width);
    if (width === 1) this.#view.setUint8(this.#at, value);
    else if (width === 2) this.#view.setUint16(this.#at, value);
    else this.#view.setUint32(this.#at, value);
    this.#at += width;
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#at++] = value;
  }

  #append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#buffer.length, this.#at + bytes));
    grown.set(this.#buffer);
    this.#buffer = grown;
    this.#view = new DataView(grown.buffer);
  }
}

function isList(value: Packable): value is readonly Packable[] {
  return Array.isArray(value);
}
