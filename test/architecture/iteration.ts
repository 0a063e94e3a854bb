import type { SourceFile } from './repository.ts';
import { lineAt } from './source-text.ts';

const DECLARED =
  /(#?\w+)\s*(?:\?\s*)?(?::\s*(?:readonly\s+)?(?:Readonly)?(?:Map|Set)\s*<|(?::[^=;\n]*)?=\s*new\s+(?:Map|Set)\b)/g;
const OBJECT_LISTING = /\bObject\s*\.\s*(?:keys|values|entries|getOwnPropertyNames)\s*\(/g;
const REFLECT_LISTING = /\bReflect\s*\.\s*ownKeys\s*\(/g;
const FOR_IN = /\bfor\s*\(\s*(?:const|let|var)\s+\w+\s+in\b/g;

/**
 * Every loop of a file over the contents of a Map, a Set or an object, as "path:line: what". Their
 * order is the history of insertion, so it must not reach a decision or a report: it is allowed only
 * where the same chain of calls sorts, or where the entries end in an object again, which has no more
 * order than the first. Names are followed inside one file.
 */
export function unorderedIterations(file: SourceFile): readonly string[] {
  const positions = new Map<number, string>();
  const report = (pattern: RegExp, what: string): void => {
    for (const match of file.code.matchAll(pattern)) {
      if (!isHarmless(file.code, match.index)) positions.set(match.index, what);
    }
  };
  report(OBJECT_LISTING, 'lists the keys of an object unsorted');
  report(REFLECT_LISTING, 'lists the keys of an object unsorted');
  report(FOR_IN, 'walks the keys of an object');
  for (const name of collectionNames(file.code)) {
    const reference = `(?:\\w+\\s*\\.\\s*)?${name}\\b(?:\\s*\\.\\s*(?:keys|values|entries)\\s*\\(\\s*\\))?`;
    const end = '\\s*[),\\]]';
    report(new RegExp(`\\bof\\s+${reference}${end}`, 'g'), `walks ${name} unsorted`);
    report(new RegExp(`\\.\\.\\.\\s*${reference}${end}`, 'g'), `spreads ${name} unsorted`);
    report(
      new RegExp(`\\bArray\\s*\\.\\s*from\\s*\\(\\s*${reference}`, 'g'),
      `lists ${name} unsorted`,
    );
    report(
      new RegExp(`(?<![\\w#])${name}\\s*\\.\\s*forEach\\s*\\(`, 'g'),
      `walks ${name} unsorted`,
    );
  }
  return [...positions]
    .sort(([a], [b]) => a - b)
    .map(([position, what]) => `${file.path}:${lineAt(file.code, position)}: ${what}`);
}

function collectionNames(code: string): readonly string[] {
  return [...new Set([...code.matchAll(DECLARED)].map((match) => match[1]!))];
}

function isHarmless(code: string, position: number): boolean {
  return isSorted(code, position) || becomesObject(code, position);
}

/** Whether the chain of calls around or after a position sorts, with at most a filter or map between. */
function isSorted(code: string, position: number): boolean {
  const opening = code.slice(position).search(/[([]/) + position;
  const spread = code.startsWith('...', position);
  let end = closingAfter(code, spread ? position : opening + 1);
  for (;;) {
    const call = /^\s*\.\s*(\w+)\s*\(/.exec(code.slice(end + 1));
    if (call === null) return false;
    if (call[1] === 'sort' || call[1] === 'toSorted') return true;
    if (call[1] !== 'filter' && call[1] !== 'map') return false;
    end = closingAfter(code, end + 1 + call[0].length);
  }
}

/** Whether the entries listed here go to Object.fromEntries, at once or by way of a constant. */
function becomesObject(code: string, position: number): boolean {
  const statement = code.slice(code.lastIndexOf(';', position) + 1, position);
  if (/\bObject\s*\.\s*fromEntries\s*\(\s*$/.test(statement)) return true;
  const constant = /\bconst\s+(\w+)\s*=\s*$/.exec(statement)?.[1];
  if (constant === undefined) return false;
  return new RegExp(`\\bObject\\s*\\.\\s*fromEntries\\s*\\([^;]*\\b${constant}\\b`).test(
    code.slice(position),
  );
}

/** The position of the bracket that closes the one this position stands inside of. */
function closingAfter(code: string, from: number): number {
  let depth = 0;
  for (let at = from; at < code.length; at++) {
    if ('([{'.includes(code[at]!)) depth++;
    if (')]}'.includes(code[at]!) && depth-- === 0) return at;
  }
  return code.length;
}
