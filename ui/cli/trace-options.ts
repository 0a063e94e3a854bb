import { InvalidArgumentError, Option } from 'commander';
import { TRACE_FORMATS } from '#traces/loaded-trace.ts';

/** More requests than fit the memory of a generator that sorts them. */
const MAX_COUNT = 10_000_000;

/** `--trace-format`: how a trace is to be read. */
export function traceFormatOption(): Option {
  return new Option('--trace-format <format>', 'format of the trace; auto looks at its first line')
    .choices(['auto', ...TRACE_FORMATS])
    .default('auto');
}

/** `--trace-block-size`: tokens that one hash id stands for. */
export function traceBlockSizeOption(): Option {
  return new Option('--trace-block-size <tokens>', 'tokens that one hash id stands for')
    .argParser(parseCount)
    .default(512);
}

/** The same for verbs that read any format: without it, what the format or the file says. */
export function readBlockSizeOption(): Option {
  return new Option(
    '--trace-block-size <tokens>',
    'tokens that one hash id stands for (default: what the file says, 512 for mooncake, 64 for lmcache)',
  ).argParser(parseCount);
}

/** A whole number from 1. */
export function parseCount(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= MAX_COUNT) return value;
  throw new InvalidArgumentError('expected a whole number from 1 to 10,000,000');
}

/** A number above 0. */
export function parsePositive(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('expected a number above 0');
}

/** Seconds from 0. */
export function parseSeconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError('expected seconds from 0');
}

/** A number above 0 and up to 1. */
export function parseFraction(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value <= 1) return value;
  throw new InvalidArgumentError('expected a number above 0 and up to 1');
}

/** A whole number from 0 that a double holds exactly. */
export function parseSeed(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('expected a whole number from 0');
}
