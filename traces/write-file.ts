import { createWriteStream, statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { InputError, WindtunnelError } from '#core/base/errors.ts';

/**
 * Writes lines to a file, compressed when its name ends in `.gz`. They go to `PATH.part`, which is
 * renamed at the end, so that a file of that name is always whole. A file that exists is refused
 * unless `overwrite`. The gzip header carries no time: the same lines give the same bytes.
 */
export async function writeTraceFile(
  path: string,
  lines: Iterable<string> | AsyncIterable<string>,
  overwrite: boolean,
): Promise<void> {
  refuseOccupied(path, overwrite);
  const part = `${path}.part`;
  try {
    const target = createWriteStream(part);
    if (path.endsWith('.gz')) await pipeline(Readable.from(lines), createGzip(), target);
    else await pipeline(Readable.from(lines), target);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw explain(error, path);
  }
}

/** Writes lines to a stream that stays open, at the pace at which it takes them. */
export async function writeTraceLines(
  lines: Iterable<string> | AsyncIterable<string>,
  target: Writable,
): Promise<void> {
  await pipeline(Readable.from(lines), target, { end: false });
}

function refuseOccupied(path: string, overwrite: boolean): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || (overwrite && found.isFile())) return;
  const regular = found.isFile();
  throw new InputError('output_unwritable', regular ? 'the file exists' : 'not a regular file', {
    file: path,
    remedy: regular
      ? 'add --force to replace it'
      : 'leave -o out to write to the terminal or a pipe',
  });
}

function explain(error: unknown, path: string): unknown {
  // What was being written may itself be refused, as a row of the trace that it is made of.
  if (error instanceof WindtunnelError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'string') return error;
  return new InputError('output_unwritable', `the file cannot be written (${code})`, {
    file: path,
    remedy: 'check that the folder exists and that you may write there',
  });
}
