/** Deeper nesting than this is refused; no client of an engine needs it. */
export const MAX_DEPTH = 512;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

/** Text that is no JSON (RFC 8259): where, and what stands there. */
export class JsonFault extends Error {
  override readonly name = 'JsonFault';
  /** Offset of the first byte that cannot stand where it does. */
  readonly at: number;

  constructor(at: number, what: string) {
    super(`${what} at byte ${at}`);
    this.at = at;
  }
}

/** What the nesting around the value being read looks like; reading is synchronous, so one will do. */
const openings = new Uint8Array(MAX_DEPTH);

/**
 * The offset behind the JSON value that begins at `from`. Everything in it is checked: what passes
 * here is what `JSON.parse` takes, bytes that are no UTF-8 aside. Throws a `JsonFault`.
 */
export function skipValue(bytes: Uint8Array, from: number): number {
  let depth = 0;
  let at = from;
  for (;;) {
    const byte = bytes[at];
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (depth === MAX_DEPTH) throw new JsonFault(at, `more than ${MAX_DEPTH} levels`);
      openings[depth++] = byte;
      at = skipSpace(bytes, at + 1);
      if (bytes[at] !== byte + 2) {
        if (byte === OPEN_BRACE) at = skipKey(bytes, at);
        continue;
      }
    } else {
      at = skipScalar(bytes, at);
    }
    // A value has ended, or an empty container is about to.
    for (;;) {
      if (depth === 0) return at;
      at = skipSpace(bytes, at);
      const opening = openings[depth - 1]!;
      if (bytes[at] === opening + 2) {
        depth--;
        at++;
      } else if (bytes[at] === COMMA) {
        at = skipSpace(bytes, at + 1);
        if (opening === OPEN_BRACE) at = skipKey(bytes, at);
        break;
      } else {
        throw fault(bytes, at, opening === OPEN_BRACE ? "',' or '}'" : "',' or ']'");
      }
    }
  }
}

/** The offset of the first byte from `from` on that is no white space. */
export function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  for (;;) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
    at++;
  }
}

/** The offset of the value behind the key that begins at `from`. */
export function skipKey(bytes: Uint8Array, from: number): number {
  if (bytes[from] !== QUOTE) throw fault(bytes, from, 'a key in double quotes');
  const at = skipSpace(bytes, skipString(bytes, from));
  if (bytes[at] !== COLON) throw fault(bytes, at, "':'");
  return skipSpace(bytes, at + 1);
}

/** The offset behind the string whose opening quote stands at `from`. */
export function skipString(bytes: Uint8Array, from: number): number {
  const end = bytes.length;
  for (let at = from + 1; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at = skipEscape(bytes, at);
    else if (byte < 0x20) throw new JsonFault(at, 'a control character in a string');
  }
  throw new JsonFault(end, 'the end of the text inside a string');
}

/** The offset of the last byte of an escape. */
function skipEscape(bytes: Uint8Array, backslashAt: number): number {
  const letter = String.fromCharCode(bytes[backslashAt + 1] ?? 0);
  if ('"\\/bfnrt'.includes(letter)) return backslashAt + 1;
  if (letter !== 'u') throw new JsonFault(backslashAt, 'an unknown escape');
  for (let digit = 2; digit < 6; digit++) {
    const code = String.fromCharCode(bytes[backslashAt + digit] ?? 0);
    if (!/[0-9a-fA-F]/.test(code)) throw new JsonFault(backslashAt, 'an unfinished \\u escape');
  }
  return backslashAt + 5;
}

function skipScalar(bytes: Uint8Array, from: number): number {
  const byte = bytes[from];
  if (byte === QUOTE) return skipString(bytes, from);
  if (byte === 0x74) return skipWord(bytes, from, 'true');
  if (byte === 0x66) return skipWord(bytes, from, 'false');
  if (byte === 0x6e) return skipWord(bytes, from, 'null');
  return skipNumber(bytes, from);
}

function skipWord(bytes: Uint8Array, from: number, word: string): number {
  for (let at = 0; at < word.length; at++) {
    if (bytes[from + at] !== word.charCodeAt(at)) throw fault(bytes, from, 'a value');
  }
  return from + word.length;
}

function skipNumber(bytes: Uint8Array, from: number): number {
  let at = bytes[from] === MINUS ? from + 1 : from;
  if (bytes[at] === ZERO) at++;
  else at = skipDigits(bytes, at, at === from ? 'a value' : 'a digit');
  if (bytes[at] === POINT) at = skipDigits(bytes, at + 1, 'a digit');
  if (bytes[at] === 0x65 || bytes[at] === 0x45) {
    at++;
    if (bytes[at] === PLUS || bytes[at] === MINUS) at++;
    at = skipDigits(bytes, at, 'a digit');
  }
  return at;
}

function skipDigits(bytes: Uint8Array, from: number, expected: string): number {
  let at = from;
  while (bytes[at]! >= ZERO && bytes[at]! <= NINE) at++;
  if (at === from) throw fault(bytes, at, expected);
  return at;
}

function fault(bytes: Uint8Array, at: number, expected: string): JsonFault {
  const byte = bytes[at];
  if (byte === undefined)
    return new JsonFault(at, `the end of the text, where ${expected} belongs`);
  const printable = byte > 0x20 && byte < 0x7f;
  const shown = printable ? `'${String.fromCharCode(byte)}'` : `byte 0x${byte.toString(16)}`;
  return new JsonFault(at, `${shown}, where ${expected} belongs,`);
}
