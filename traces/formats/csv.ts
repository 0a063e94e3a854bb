import { InputError } from '#core/base/errors.ts';
import type { LinePlace, NumberRange } from './fields.ts';

/** The number in a cell: digits, and a fraction and an exponent where the range allows them. */
export function readCell(cell: string, path: string, range: NumberRange, place: LinePlace): number {
  const form = range.integer ? /^ *\d+ *$/ : /^ *\d+(?:\.\d+)?(?:e[+-]?\d+)? *$/i;
  const value = form.test(cell) ? Number(cell) : Number.NaN;
  if (value >= range.min && value <= range.max) return value;
  throw new InputError('trace_invalid', 'not a usable number', {
    ...place,
    path,
    received: cell,
    allowed: range.allowed,
  });
}

/** Whether a line is the header `expected`, in any case, spacing and quoting. */
export function isHeader(text: string, expected: string): boolean {
  return fold(text) === fold(expected);
}

function fold(text: string): string {
  return text.replaceAll(/[\s"]/g, '').toLowerCase();
}
