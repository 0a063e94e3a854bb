import type { InputErrorOptions } from '#core/base/errors.ts';
import type { Locate } from '../problems.ts';
import type { ConfigPlace } from '../source.ts';

/** Finds the file and line of a path in a config that was read from somewhere. */
export function locator(place: ConfigPlace): Locate {
  return (path): InputErrorOptions => {
    const line = place.lineOf?.(path);
    return {
      ...(place.file !== undefined && { file: place.file }),
      ...(line !== undefined && { line }),
    };
  };
}
