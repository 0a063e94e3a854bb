import { InputError } from '#core/base/errors.ts';

/** A parsed JSON object whose values are not trusted yet. */
export type JsonRecord = Readonly<Record<string, unknown>>;

export interface LinePlace {
  readonly file: string;
  readonly line: number;
}

/** The numbers that a field may hold, and how to say so. */
export interface NumberRange {
  readonly integer: boolean;
  readonly min: number;
  readonly max: number;
  readonly allowed: string;
}

/** The sum of two lengths must fit a signed 32-bit column. */
export const MAX_TOKENS = 1_000_000_000;
/** Virtual time is exact to a nanosecond up to 2^53 ns. */
export const MAX_SPAN_MS = 9_007_199_254;

export const PROMPT_TOKENS: NumberRange = {
  integer: true,
  min: 1,
  max: MAX_TOKENS,
  allowed: 'an integer from 1 to 1,000,000,000',
};
export const OUTPUT_TOKENS: NumberRange = {
  ...PROMPT_TOKENS,
  min: 0,
  allowed: 'an integer from 0 to 1,000,000,000',
};
export const TIMESTAMP_MS: NumberRange = {
  integer: false,
  min: 0,
  max: Number.MAX_SAFE_INTEGER,
  allowed: 'milliseconds, a finite number from 0',
};
export const DELAY_MS: NumberRange = {
  integer: false,
  min: 0,
  max: MAX_SPAN_MS,
  allowed: 'milliseconds from 0 to 9,007,199,254 (104 days)',
};
export const PRIORITY: NumberRange = {
  integer: true,
  min: -2_147_483_648,
  max: 2_147_483_647,
  allowed: 'an integer of 32 bits',
};
export const STRICT_PRIORITY: NumberRange = {
  integer: true,
  min: 0,
  max: 4_294_967_295,
  allowed: 'an integer from 0 to 4,294,967,295',
};

export const SECONDS: NumberRange = {
  integer: false,
  min: 0,
  max: MAX_SPAN_MS / 1_000,
  allowed: 'seconds from 0 to 9,007,199 (104 days)',
};

/** A value as an error may show it: nested values by their kind only, they can be arbitrarily deep. */
export function describeValue(value: unknown): unknown {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return value;
}

function fits(value: unknown, range: NumberRange): value is number {
  if (typeof value !== 'number') return false;
  if (range.integer && !Number.isInteger(value)) return false;
  return value >= range.min && value <= range.max;
}

/**
 * The number under the first of `names` that the record has; NaN when it has none. The further
 * names are aliases: two that disagree are refused. JSON's null counts as absent.
 */
export function readNumber(
  record: JsonRecord,
  names: readonly string[],
  range: NumberRange,
  place: LinePlace,
): number {
  let found = Number.NaN;
  let foundName = '';
  for (const name of names) {
    const value = record[name];
    if (value === undefined || value === null) continue;
    if (!fits(value, range)) {
      throw new InputError('trace_invalid', 'not a usable number', {
        ...place,
        path: name,
        received: describeValue(value),
        allowed: range.allowed,
      });
    }
    if (foundName !== '' && found !== value) {
      throw new InputError('trace_invalid', `${foundName} and ${name} mean the same and differ`, {
        ...place,
        received: `${found} and ${value}`,
        remedy: 'keep one of them',
      });
    }
    found = value;
    foundName = name;
  }
  return found;
}

/** The number under `name`; an InputError when there is none. */
export function requireNumber(
  record: JsonRecord,
  name: string,
  range: NumberRange,
  place: LinePlace,
): number {
  const value = readNumber(record, [name], range, place);
  if (!Number.isNaN(value)) return value;
  throw new InputError('trace_invalid', 'the value is missing', {
    ...place,
    path: name,
    allowed: range.allowed,
  });
}

/** The string (or whole number, written out) under `name`; undefined when absent or null. */
export function readName(record: JsonRecord, name: string, place: LinePlace): string | undefined {
  const value = record[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && value !== '') return value;
  if (Number.isSafeInteger(value)) return String(value);
  throw new InputError('trace_invalid', 'not a usable name', {
    ...place,
    path: name,
    received: describeValue(value),
    allowed: 'a string that is not empty, or an integer',
  });
}
