import { JsonFault, skipKey, skipSpace, skipString, skipValue } from './json-scan.ts';

/** Where one key of an object and its value stand in the bytes. */
export interface JsonEntry {
  readonly key: string;
  /** Offset of the key's opening quote. */
  readonly keyFrom: number;
  /** The value: offsets of its first byte and behind its last. */
  readonly from: number;
  readonly to: number;
}

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';

/**
 * A JSON object that stays bytes: its keys are known by where they stand, and values are only read
 * when asked for. What nobody reads, whatever its size or precision, can so be passed on as it came.
 */
export class JsonObject {
  readonly bytes: Buffer;
  /** Offset of the opening brace, and behind the closing one. */
  readonly from: number;
  readonly to: number;
  /** In the order of the text; a key written twice is there twice. */
  readonly entries: readonly JsonEntry[];

  /**
   * Reads the object that is the whole of `bytes`, or the one that begins at `from`. Throws a
   * `JsonFault` where the text is no JSON, no object, or goes on behind it.
   */
  constructor(bytes: Buffer, from?: number) {
    const start = from ?? skipSpace(bytes, 0);
    if (bytes[start] !== 0x7b) throw new JsonFault(start, 'no JSON object');
    const entries: JsonEntry[] = [];
    let at = skipSpace(bytes, start + 1);
    while (bytes[at] !== 0x7d) {
      if (entries.length > 0) {
        if (bytes[at] !== 0x2c) throw new JsonFault(at, "neither ',' nor '}'");
        at = skipSpace(bytes, at + 1);
      }
      const valueFrom = skipKey(bytes, at);
      const valueTo = skipValue(bytes, valueFrom);
      entries.push({ key: keyAt(bytes, at), keyFrom: at, from: valueFrom, to: valueTo });
      at = skipSpace(bytes, valueTo);
    }
    this.bytes = bytes;
    this.from = start;
    this.to = at + 1;
    this.entries = entries;
    if (from === undefined && skipSpace(bytes, this.to) < bytes.length) {
      throw new JsonFault(skipSpace(bytes, this.to), 'something behind the object');
    }
  }

  /** The entry of a key, of several the last, as parsers understand it. */
  entry(key: string): JsonEntry | undefined {
    return this.entries.findLast((entry) => entry.key === key);
  }

  has(key: string): boolean {
    return this.entry(key) !== undefined;
  }

  /** The bytes of a value as they came; a view, not a copy. */
  raw(key: string): Buffer | undefined {
    const entry = this.entry(key);
    return entry && this.bytes.subarray(entry.from, entry.to);
  }

  kind(key: string): JsonKind | undefined {
    const entry = this.entry(key);
    return entry && kindOf(this.bytes[entry.from]!);
  }

  /** A value, parsed: integers beyond 2^53 lose digits, so pass those on by `raw`. */
  value(key: string): unknown {
    const raw = this.raw(key);
    return raw && (JSON.parse(raw.toString('utf8')) as unknown);
  }

  /** The object that a key holds; undefined where it holds something else. */
  object(key: string): JsonObject | undefined {
    const entry = this.entry(key);
    if (entry === undefined || this.bytes[entry.from] !== 0x7b) return undefined;
    return new JsonObject(this.bytes, entry.from);
  }

  /** The objects of the array that a key holds; what else is in it is left out. */
  objects(key: string): readonly JsonObject[] {
    const entry = this.entry(key);
    if (entry === undefined || this.bytes[entry.from] !== 0x5b) return [];
    const objects: JsonObject[] = [];
    let at = skipSpace(this.bytes, entry.from + 1);
    while (at < entry.to - 1) {
      if (this.bytes[at] === 0x7b) objects.push(new JsonObject(this.bytes, at));
      at = skipSpace(this.bytes, skipValue(this.bytes, at));
      if (this.bytes[at] === 0x2c) at = skipSpace(this.bytes, at + 1);
    }
    return objects;
  }
}

function keyAt(bytes: Buffer, quoteAt: number): string {
  const end = skipString(bytes, quoteAt);
  const text = bytes.toString('utf8', quoteAt + 1, end - 1);
  return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text;
}

function kindOf(first: number): JsonKind {
  if (first === 0x7b) return 'object';
  if (first === 0x5b) return 'array';
  if (first === 0x22) return 'string';
  if (first === 0x74 || first === 0x66) return 'boolean';
  return first === 0x6e ? 'null' : 'number';
}
