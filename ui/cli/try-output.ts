import { mkdtempSync, rmdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { InputError } from '#core/base/errors.ts';

/**
 * Refuses a folder in which nothing can be made, before any work is spent on what is to go there. A
 * folder that is not there yet is tried where it would be made. Permission bits do not say what a
 * read-only disk or the system's own folders refuse, so something is made there and taken away.
 */
export function tryOutput(folder: string, file: string): void {
  let place = resolve(folder);
  while (statSync(place, { throwIfNoEntry: false }) === undefined && dirname(place) !== place) {
    place = dirname(place);
  }
  try {
    rmdirSync(mkdtempSync(join(place, '.windtunnel-')));
  } catch (error) {
    const reason = error instanceof Error ? error.message.split(',')[0] : String(error);
    throw new InputError('output_unwritable', `cannot be written: ${reason} in ${place}`, {
      file,
      remedy: 'name another place',
    });
  }
}
