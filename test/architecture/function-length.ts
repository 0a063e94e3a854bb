import type { SourceFile } from './repository.ts';
import { lineAt } from './source-text.ts';

/** A function with a body, from the line of its name to the line of its closing brace. */
export interface FunctionSpan {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
}

const NAMED = /\bfunction\s*\*?\s*(\w+)?\s*(?:<[^(]*>)?\(/g;
const METHOD =
  /^[ \t]+(?:(?:static|override|async|get|set|public|private|protected)\s+)*\*?(#?\w+)\s*(?:<[^(\n]*>)?\(/gm;
const ARROW = /=>\s*\{/g;
const NOT_METHODS = new Set([
  'if',
  'for',
  'while',
  'switch',
  'catch',
  'return',
  'function',
  'super',
]);

/** Every function, method and braced arrow function of a file, nested ones included. */
export function functionSpans(file: SourceFile): readonly FunctionSpan[] {
  const { code } = file;
  const spans: FunctionSpan[] = [];
  const add = (name: string, start: number, bodyAt: number | undefined): void => {
    if (bodyAt === undefined) return;
    const line = lineAt(code, start);
    const end = closing(code, bodyAt);
    spans.push({ name, line, lines: lineAt(code, end) - line + 1 });
  };
  for (const match of code.matchAll(NAMED)) {
    add(match[1] ?? '(anonymous)', match.index, bodyAfter(code, match.index + match[0].length - 1));
  }
  for (const match of code.matchAll(METHOD)) {
    const name = match[1]!;
    if (NOT_METHODS.has(name)) continue;
    const start = match.index + match[0].search(/\S/);
    add(name, start, bodyAfter(code, match.index + match[0].length - 1));
  }
  for (const match of code.matchAll(ARROW)) {
    add('(arrow)', match.index, match.index + match[0].length - 1);
  }
  return spans;
}

/** The brace that opens the body after a parameter list; a call or a bare signature has none. */
function bodyAfter(code: string, parametersAt: number): number | undefined {
  let at = skipSpace(code, closing(code, parametersAt) + 1);
  if (code[at] === '{') return at;
  if (code[at] !== ':') return undefined;
  at = skipSpace(code, at + 1);
  // A return type may itself be written in braces; the body is the next one that follows a type.
  let typeSeen = false;
  while (at < code.length && code[at] !== ';') {
    const char = code[at]!;
    if (char === '{' && typeSeen) return at;
    typeSeen = !/[|&<,:=>\s]/.test(char) || (typeSeen && /[>\s]/.test(char));
    at = '({['.includes(char) ? closing(code, at) + 1 : at + 1;
  }
  return undefined;
}

function skipSpace(code: string, from: number): number {
  let at = from;
  while (/\s/.test(code[at] ?? '')) at++;
  return at;
}

/** The bracket that closes the one at this position. */
function closing(code: string, openAt: number): number {
  let depth = 0;
  for (let at = openAt; at < code.length; at++) {
    if ('([{'.includes(code[at]!)) depth++;
    if (')]}'.includes(code[at]!) && --depth === 0) return at;
  }
  return code.length;
}
