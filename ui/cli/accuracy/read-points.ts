import { InputError } from '#core/base/errors.ts';
import { type MeasuredRow, readMeasuredRow } from '#sim/estimate/measured/measured-row.ts';
import { readTextLines } from '../text-lines.ts';

/** Points of a file, and why lines were left out. */
export interface MeasuredPoints {
  readonly rows: readonly MeasuredRow[];
  readonly unreadable: readonly string[];
}

/** Reads all points; a line that cannot be read ends it, unless `keepGoing`. Throws an InputError. */
export function readPoints(path: string, keepGoing: boolean): MeasuredPoints {
  const rows: MeasuredRow[] = [];
  const unreadable: string[] = [];
  for (const { text, line } of readTextLines(path)) {
    try {
      rows.push(readMeasuredRow(text, path, line));
    } catch (error) {
      if (!keepGoing || !(error instanceof InputError)) throw error;
      unreadable.push(error.message);
    }
  }
  if (rows.length > 0) return { rows, unreadable };
  throw new InputError('points_invalid', 'this file holds no point', { file: path });
}
