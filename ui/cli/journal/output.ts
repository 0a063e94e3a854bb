import { stdout } from 'node:process';
import { canonicalJson } from '#core/base/canonical-json.ts';
import type { JournalEnd } from '#core/journal/journal-reader.ts';
import { formatCount, formatNumber } from '#sim/report/format.ts';
import { paint } from '../paint.ts';

/** How the verbs about journals print their result. */
export interface JournalFormat {
  readonly format: 'table' | 'json';
}

/** Prints a result as one JSON value, or as lines for people. */
export function printResult(
  format: JournalFormat['format'],
  json: unknown,
  lines: readonly string[],
): void {
  if (format === 'json') stdout.write(`${canonicalJson(json, 2)}\n`);
  else stdout.write(paint(lines.map((line) => `${line}\n`).join(''), stdout));
}

/** Names and values in two columns. */
export function pairLines(pairs: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`.trimEnd());
}

/** Lines of a journal that a note lists. */
const MOST_LISTED = 10;

/** That some requests had not ended, and where they arrive; nothing when all had. */
export function unendedNotes(lines: readonly number[]): string[] {
  if (lines.length === 0) return [];
  const listed = lines.slice(0, MOST_LISTED).map(formatCount).join(', ');
  const more = lines.length > MOST_LISTED ? ', …' : '';
  const where = lines.length === 1 ? 'line' : 'lines';
  return [
    `${formatNumber(lines.length, 'request')} had not ended when the journal did: as output counts what it says of them until then, one token at least (${where} ${listed}${more} of the journal)`,
  ];
}

/** That a journal was cut, and where; nothing when it is whole. */
export function cutLines({ whole, lines, restBytes }: JournalEnd): string[] {
  if (whole) return [];
  const rest =
    restBytes === 0 ? '' : `, and ${formatCount(restBytes)} bytes of a line that was cut`;
  return [
    `! the journal was cut: it ends with line ${formatCount(lines)}${rest}, without a last line`,
  ];
}
