import { assert } from './assert.ts';

/**
 * The one JSON text of a value: keys in code-unit order, no -0, two spaces per level when `indent`
 * is 2 and no white space when it is 0. Keys whose value is undefined are left out, as in
 * `JSON.stringify`. NaN, infinities and what JSON has no word for break an invariant: a report
 * leaves a missing number out, it never prints one.
 */
export function canonicalJson(value: unknown, indent: 0 | 2 = 0): string {
  return write(value, indent, 0);
}

function write(value: unknown, indent: number, depth: number): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    assert(Number.isFinite(value), `JSON has no number ${value}`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => write(item, indent, depth + 1));
    return wrap('[', items, ']', indent, depth);
  }
  assert(typeof value === 'object' && isPlain(value), `JSON has no such ${typeof value}`);
  const record = value as Readonly<Record<string, unknown>>;
  const separator = indent === 0 ? ':' : ': ';
  const entries = Object.keys(record)
    .filter((key) => record[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}${separator}${write(record[key], indent, depth + 1)}`);
  return wrap('{', entries, '}', indent, depth);
}

/** Maps, dates, typed arrays would silently become `{}` or a table of indices. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function wrap(
  open: string,
  items: readonly string[],
  close: string,
  indent: number,
  depth: number,
): string {
  if (items.length === 0) return open + close;
  if (indent === 0) return open + items.join(',') + close;
  const inner = ' '.repeat(indent * (depth + 1));
  return `${open}\n${items.map((item) => inner + item).join(',\n')}\n${' '.repeat(indent * depth)}${close}`;
}
