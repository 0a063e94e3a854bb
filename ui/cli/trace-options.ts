import { InvalidArgumentError, Option } from 'commander';
import { InputError } from '#core/base/errors.ts';
import { TRACE_FORMATS, type TraceFormat } from '#core/config/trace-formats.ts';
import { LMCACHE_BLOCK_CHARACTERS } from '#traces/formats/lmcache.ts';

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

/** `--chars-per-token`: the ratio for a trace whose lengths count characters. */
export function charactersPerTokenOption(): Option {
  return new Option(
    '--chars-per-token <n>',
    'lmcache: characters that count as a token (default: 4)',
  ).argParser(parsePositive);
}

/** How the flags of a verb ask for a trace to be read. */
export interface ReadingFlags {
  readonly traceFormat: TraceFormat | 'auto';
  readonly traceBlockSize?: number;
  readonly charsPerToken?: number;
}

/**
 * The format and block size that the flags choose. Characters per token are the block size of an
 * lmcache trace in other words, and choose that format.
 */
export function chosenReading({ traceFormat, traceBlockSize, charsPerToken }: ReadingFlags): {
  readonly format: TraceFormat | 'auto';
  readonly traceBlockSize: number | undefined;
} {
  if (charsPerToken === undefined) return { format: traceFormat, traceBlockSize };
  const blockSize = LMCACHE_BLOCK_CHARACTERS / charsPerToken;
  if (traceFormat !== 'auto' && traceFormat !== 'lmcache') {
    throw new InputError('usage', 'only lmcache traces count characters', {
      path: '--chars-per-token',
      remedy: `leave it out, or leave --trace-format ${traceFormat} out`,
    });
  }
  if (traceBlockSize !== undefined && traceBlockSize !== blockSize) {
    throw new InputError('usage', 'this and --trace-block-size say different things', {
      path: '--chars-per-token',
      received: charsPerToken,
      remedy: `a block of 256 characters would have ${blockSize} tokens; give one of them`,
    });
  }
  if (Number.isInteger(blockSize)) return { format: 'lmcache', traceBlockSize: blockSize };
  throw new InputError('usage', 'a block of 256 characters would have no whole number of tokens', {
    path: '--chars-per-token',
    received: charsPerToken,
    allowed: '256 divided by a whole number, as 4, 3.2 or 2',
  });
}

/** A whole number from 1. */
export function parseCount(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= MAX_COUNT) return value;
  throw new InvalidArgumentError('allowed: a whole number from 1 to 10,000,000');
}

/** A number above 0. */
export function parsePositive(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('allowed: a number above 0');
}

/** Seconds from 0. */
export function parseSeconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError('allowed: seconds from 0');
}

/** A number above 0 and up to 1. */
export function parseFraction(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value <= 1) return value;
  throw new InvalidArgumentError('allowed: a number above 0 and up to 1');
}

/** A whole number from 0 that a double holds exactly. */
export function parseSeed(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('allowed: a whole number from 0');
}
