import { InvalidArgumentError } from 'commander';

const MOST_STEPS = 64;

/**
 * `concurrency=1..256` → 1, 2, 4, … 256; `concurrency=1,8,64` → those. Throws commander's error
 * where it is neither.
 */
export function parseSweep(text: string): readonly number[] {
  const match = /^concurrency=(?:(\d+)\.\.(\d+)|(\d+(?:,\d+)*))$/.exec(text);
  if (match === null) throw new InvalidArgumentError('allowed: concurrency=1..256 or =1,8,64.');
  const [, from, to, list] = match;
  const values =
    list === undefined ? doublings(Number(from), Number(to)) : list.split(',').map(Number);
  if (values.length === 0 || values.length > MOST_STEPS || values.some((value) => value < 1)) {
    throw new InvalidArgumentError(`allowed: 1 to ${MOST_STEPS} values from 1, rising.`);
  }
  return values;
}

function doublings(from: number, to: number): number[] {
  const values: number[] = [];
  if (from < 1) return values;
  for (let value = from; value < to; value *= 2) values.push(value);
  if (to >= from) values.push(to);
  return values;
}
