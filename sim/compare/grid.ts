import { InputError } from '#core/base/errors.ts';

/** One `--vary key=a,b[,c]`: a key of the config and the texts of its values. */
export interface Variation {
  readonly path: string;
  readonly values: readonly string[];
}

/** One cell of the grid: its name and the `key=value` texts that make it. */
export interface Candidate {
  readonly name: string;
  readonly sets: readonly string[];
}

/** Candidates above which a comparison is a sweep. */
const CANDIDATES_MAX = 256;

/** Parses `key=a,b[,c]`. Commas inside brackets and braces belong to a value. */
export function parseVariation(text: string): Variation {
  const equals = text.indexOf('=');
  const path = (equals < 0 ? text : text.slice(0, equals)).trim();
  const values = equals < 0 ? [] : splitValues(text.slice(equals + 1));
  if (path === '' || values.length === 0 || values.includes('')) {
    throw new InputError('usage', 'needs a key and its values', {
      file: '--vary',
      received: text,
      allowed: 'KEY=A,B[,C…], such as router.mode=round_robin,kv_router',
    });
  }
  const meant = values.map(meaningOf);
  const repeated = values.find((_, index) => meant.indexOf(meant[index]!) !== index);
  if (repeated !== undefined) {
    throw new InputError('usage', 'the same value twice', { file: '--vary', received: repeated });
  }
  return { path, values };
}

/** The number that a text stands for, or the text: 1 and 1.0 are one value. */
function meaningOf(text: string): number | string {
  const value = Number(text);
  return text === '' || Number.isNaN(value) ? text : value;
}

/** Every combination of the variations, the last one turning fastest. */
export function expandGrid(variations: readonly Variation[]): Candidate[] {
  checkSize(1, variations, '--vary', 'give --vary KEY=A,B with at least two values in all');
  return cellsOf(variations);
}

/** The cells that each of some whole configs flies in; without variations a nameless one. */
export function expandOver(configs: number, variations: readonly Variation[]): Candidate[] {
  checkSize(configs, variations, '--candidate', 'name another config, or give --vary KEY=A,B');
  return variations.length === 0 ? [{ name: '', sets: [] }] : cellsOf(variations);
}

function checkSize(
  configs: number,
  variations: readonly Variation[],
  flag: string,
  remedy: string,
): void {
  checkPaths(variations);
  const size = variations.reduce((product, { values }) => product * values.length, configs);
  if (size >= 2 && size <= CANDIDATES_MAX) return;
  throw new InputError('usage', 'cannot compare so many candidates', {
    file: flag,
    received: size,
    allowed: `2 to ${CANDIDATES_MAX}`,
    remedy,
  });
}

function cellsOf(variations: readonly Variation[]): Candidate[] {
  let cells: string[][] = [[]];
  for (const { values } of variations) {
    cells = cells.flatMap((cell) => values.map((value) => [...cell, value]));
  }
  return cells.map((cell) => ({
    name: nameCell(variations, cell),
    sets: cell.map((value, index) => `${variations[index]!.path}=${value}`),
  }));
}

function checkPaths(variations: readonly Variation[]): void {
  const paths = variations.map(({ path }) => path);
  const repeated = paths.find((path, index) => paths.indexOf(path) !== index);
  if (repeated === undefined) return;
  throw new InputError('usage', 'the same key varies twice', {
    file: '--vary',
    received: repeated,
    remedy: 'give all its values in one --vary',
  });
}

/** A word names itself (`kv_router`); anything else needs its key (`workers=8, mode=random`). */
function nameCell(variations: readonly Variation[], cell: readonly string[]): string {
  const [only] = variations;
  const words = only?.values.every((value) => /^[a-z]/i.test(value) && !isSwitch(value));
  if (variations.length === 1 && words === true) return cell[0]!;
  const leaves = variations.map(({ path }) => path.slice(path.lastIndexOf('.') + 1));
  const unique = leaves.every((leaf, index) => leaves.indexOf(leaf) === index);
  return cell
    .map((value, index) => `${unique ? leaves[index] : variations[index]!.path}=${value}`)
    .join(', ');
}

function isSwitch(value: string): boolean {
  return value === 'true' || value === 'false' || value === 'null';
}

function splitValues(text: string): string[] {
  const values: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    const letter = text[index]!;
    if ('[{'.includes(letter)) depth++;
    else if (']}'.includes(letter)) depth--;
    else if (letter === ',' && depth === 0) {
      values.push(text.slice(start, index).trim());
      start = index + 1;
    }
  }
  values.push(text.slice(start).trim());
  return values;
}
