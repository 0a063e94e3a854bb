import { InputError } from '#core/base/errors.ts';
import type { RandomStream } from '#core/base/random.ts';
import { MAX_TOKENS } from '../fields.ts';
import { isRecord } from '../json-line.ts';

/** A distribution over whole lengths, as its cumulative shares. */
export interface LengthTable {
  readonly tokens: readonly number[];
  /** Ascending to 1, a share for each length. */
  readonly upTo: readonly number[];
}

/** Lengths of a client's requests from a moment on. */
export interface LengthWindow {
  readonly startS: number;
  readonly input: LengthTable;
  readonly output: LengthTable;
}

/**
 * Reads the lengths of a client: windows by their start in seconds, each with two tables written as
 * Python writes them (`{102: 0.0012, …}`). Windows without a request are left out.
 *
 * @throws InputError that names file, window and field
 */
export function parseLengths(text: string, file: string): LengthWindow[] {
  const record = parse(text, file);
  const windows: LengthWindow[] = [];
  for (const [start, window] of Object.entries(record)) {
    const startS = Number(start);
    if (!/^\d+$/.test(start) || !isRecord(window)) refuse('not a window', start, window, file);
    const input = readTable(window.input_tokens, `${start}.input_tokens`, file);
    const output = readTable(window.output_tokens, `${start}.output_tokens`, file);
    if (input.tokens.length > 0 && output.tokens.length > 0)
      windows.push({ startS, input, output });
  }
  return windows.sort((a, b) => a.startS - b.startS);
}

/** Draws a length. */
export function drawLength({ tokens, upTo }: LengthTable, random: RandomStream): number {
  const u = random.nextFloat();
  let low = 0;
  let high = tokens.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (upTo[middle]! > u) high = middle;
    else low = middle + 1;
  }
  return tokens[low]!;
}

/** The window that holds a moment, or the nearest one before or after that has lengths. */
export function lengthsAt(windows: readonly LengthWindow[], atS: number): LengthWindow | undefined {
  return windows.findLast(({ startS }) => startS <= atS) ?? windows[0];
}

function readTable(value: unknown, path: string, file: string): LengthTable {
  if (typeof value !== 'string' || !/^\{[^{}]*\}$/.test(value)) {
    refuse('not a table of lengths', path, value, file);
  }
  const tokens: number[] = [];
  const upTo: number[] = [];
  let sum = 0;
  const inside = value.slice(1, -1).trim();
  for (const entry of inside === '' ? [] : inside.split(',')) {
    const [length = '', share = ''] = entry.split(':').map((part) => part.trim());
    const weight = Number(share);
    const usable = /^\d+$/.test(length) && Number(length) <= MAX_TOKENS && share !== '';
    if (!usable || !(weight >= 0)) refuse('not a length and its share', path, entry.trim(), file);
    sum += weight;
    tokens.push(Number(length));
    upTo.push(sum);
  }
  return { tokens, upTo: upTo.map((share) => share / sum) };
}

function parse(text: string, file: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {
    // Said below, as for any other value.
  }
  throw new InputError('trace_invalid', 'not a JSON object of length windows', {
    file,
    received: text.slice(0, 60),
    allowed: '{"0": {"input_tokens": "{…}", "output_tokens": "{…}"}, …}',
  });
}

function refuse(problem: string, path: string, value: unknown, file: string): never {
  throw new InputError('trace_invalid', problem, {
    file,
    path,
    received: typeof value === 'string' ? value.slice(0, 60) : typeof value,
    allowed: '"{tokens: share, …}"',
  });
}
