import { closeSync, openSync, readSync } from 'node:fs';
import { InputError } from '#core/base/errors.ts';
import { readFault } from './read-fault.ts';

/** Far above any config; a larger file is a trace given by mistake. */
const MAX_BYTES = 16 * 1024 * 1024;
const PIECE_BYTES = 64 * 1024;

/**
 * The text of a config or policy file. Throws an `InputError` for a file that is missing, a
 * directory, too large or not text.
 */
export function readConfigText(file: string): string {
  const bytes = readBytes(file);
  if (bytes.includes(0)) throw notText(file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw notText(file);
  }
}

function notText(file: string): InputError {
  return new InputError('config_invalid', 'not a text file', {
    file,
    allowed: 'YAML or JSON in UTF-8',
  });
}

function readBytes(file: string): Uint8Array {
  if (file === '') throw new InputError('usage', 'the name of the config file is empty');
  try {
    return readUpTo(file, MAX_BYTES);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError('input_missing', `cannot be read: ${readFault(error)}`, { file });
  }
}

/** Reads in pieces: a pipe or a device does not say how much it holds, and may never end. */
function readUpTo(file: string, limit: number): Uint8Array {
  const descriptor = openSync(file, 'r');
  try {
    const pieces: Uint8Array[] = [];
    for (let total = 0; ; ) {
      const piece = Buffer.alloc(PIECE_BYTES);
      const length = readSync(descriptor, piece);
      if (length === 0) return Buffer.concat(pieces);
      pieces.push(piece.subarray(0, length));
      total += length;
      if (total > limit) throw tooLarge(file);
    }
  } finally {
    closeSync(descriptor);
  }
}

function tooLarge(file: string): InputError {
  return new InputError('config_invalid', 'too large for a config', {
    file,
    allowed: `at most ${MAX_BYTES} bytes`,
    remedy: 'a trace is given as an argument, not as --config',
  });
}
