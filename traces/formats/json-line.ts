import { InputError } from '#core/base/errors.ts';
import { describeValue, type JsonRecord, type LinePlace } from './fields.ts';

/** The JSON object that a line holds; `shape` says what an object of the format looks like. */
export function parseRecord(text: string, place: LinePlace, shape: string): JsonRecord {
  return parseWith(text, undefined, place, shape);
}

/** The same, with integers that a double cannot hold as their digits. */
export function parseExactRecord(text: string, place: LinePlace, shape: string): JsonRecord {
  return parseWith(text, keepDigits, place, shape);
}

function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value;
  const source = context?.source ?? '';
  return /^\d+$/.test(source) ? source : value;
}

function parseWith(
  text: string,
  reviver: typeof keepDigits | undefined,
  place: LinePlace,
  shape: string,
): JsonRecord {
  let value: unknown;
  try {
    value = JSON.parse(text, reviver);
  } catch {
    throw new InputError('trace_invalid', 'the line is not JSON', {
      ...place,
      received: text.slice(0, 200),
      remedy: 'each line holds one JSON object; is the file cut off or edited?',
    });
  }
  if (isRecord(value)) return value;
  throw new InputError('trace_invalid', 'the line is not a JSON object', {
    ...place,
    received: describeValue(value),
    remedy: shape,
  });
}

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object under `path`; an InputError when there is none. */
export function readObject(record: JsonRecord, path: string, place: LinePlace): JsonRecord {
  const value = record[path];
  if (isRecord(value)) return value;
  throw new InputError('trace_invalid', 'not an object', {
    ...place,
    path,
    received: describeValue(value) ?? 'nothing',
  });
}

/** The array under `path`; an InputError when there is none. */
export function readArray(record: JsonRecord, path: string, place: LinePlace): readonly unknown[] {
  const value = record[path];
  if (Array.isArray(value)) return value;
  throw new InputError('trace_invalid', 'not an array', {
    ...place,
    path,
    received: describeValue(value) ?? 'nothing',
  });
}
