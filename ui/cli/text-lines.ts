import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { InputError } from '#core/base/errors.ts';
import type { TextLine } from '#core/perf/calibration/step-evidence.ts';
import { readFault } from './read-fault.ts';

/**
 * Lines of a file, plain or gzipped, blank ones left out, with their numbers from 1. Throws an
 * InputError for a file that is missing, a directory, a broken archive or without a line.
 */
export function readTextLines(path: string): TextLine[] {
  return linesOf(readBytes(path), path);
}

/** The same of bytes that were read. */
export function linesOf(bytes: Buffer, path: string): TextLine[] {
  const lines = bytes
    .toString('utf8')
    .split('\n')
    .map((text, index) => ({ text, line: index + 1 }))
    .filter(({ text }) => text.trim() !== '');
  if (lines.length > 0) return lines;
  throw new InputError('input_missing', 'the file is empty', { file: path });
}

/** The bytes of a file, plain or gzipped. Throws an InputError where it cannot be read. */
export function readBytes(path: string): Buffer {
  try {
    const bytes = readFileSync(path);
    const isZipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return isZipped ? gunzipSync(bytes) : bytes;
  } catch (error) {
    throw new InputError('input_missing', `cannot be read: ${readFault(error)}`, { file: path });
  }
}
