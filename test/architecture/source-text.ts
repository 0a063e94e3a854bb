/**
 * A source file taken apart: three texts of equal length and equal line breaks, each with everything
 * else blanked out, so that a position in one is the same place in the others.
 */
export interface SourceText {
  readonly raw: string;
  /** Code without comments; of strings and regular expressions only the delimiters are left. */
  readonly code: string;
  readonly comments: string;
}

/** After a value a slash divides; `x!` is a value too. */
const REGEX_MAY_FOLLOW =
  /(?:^|[=(,:;&|?{}[+\-*%<>~^]|(?<![\w)\]])!|\b(?:return|typeof|case|in|of|void))$/;

/** Scans TypeScript far enough to tell code from comments, strings, templates and regexes. */
export function splitSource(raw: string): SourceText {
  const code = blank(raw);
  const comments = blank(raw);
  const openTemplates: number[] = [];
  let depth = 0;
  let at = 0;
  while (at < raw.length) {
    const char = raw[at]!;
    const end = tokenEnd(raw, at, code);
    if (char === '/' && end > at + 1 && (raw[at + 1] === '/' || raw[at + 1] === '*')) {
      copy(raw, comments, at, end);
    } else if (char === '`' || (char === '}' && openTemplates.at(-1) === depth)) {
      if (char === '}') openTemplates.pop();
      const stop = templateEnd(raw, at + 1);
      code[at] = char;
      code[stop - 1] = raw[stop - 1]!;
      if (raw[stop - 1] === '{') openTemplates.push(depth);
      at = stop;
      continue;
    } else if (end > at + 1) {
      code[at] = char;
      code[end - 1] = raw[end - 1]!;
    } else {
      if (char === '{') depth++;
      if (char === '}') depth--;
      code[at] = char;
    }
    at = end;
  }
  return { raw, code: code.join(''), comments: comments.join('') };
}

/** The number of the line, from 1, on which a position stands. */
export function lineAt(text: string, position: number): number {
  let line = 1;
  for (let at = 0; at < position; at++) if (text[at] === '\n') line++;
  return line;
}

function blank(raw: string): string[] {
  return Array.from({ length: raw.length }, (_, at) => (raw[at] === '\n' ? '\n' : ' '));
}

function copy(raw: string, target: string[], from: number, to: number): void {
  for (let at = from; at < to; at++) target[at] = raw[at]!;
}

/** Past the end of the comment, string or regex that starts here; one further where none does. */
function tokenEnd(raw: string, at: number, code: readonly string[]): number {
  const char = raw[at];
  if (char === "'" || char === '"') return quotedEnd(raw, at + 1, char);
  if (char !== '/') return at + 1;
  if (raw[at + 1] === '/') return indexOrEnd(raw, '\n', at);
  if (raw[at + 1] === '*') return indexOrEnd(raw, '*/', at) + 2;
  const before = code
    .slice(Math.max(0, at - 40), at)
    .join('')
    .trimEnd();
  return REGEX_MAY_FOLLOW.test(before) ? regexEnd(raw, at + 1) : at + 1;
}

function indexOrEnd(raw: string, what: string, from: number): number {
  const found = raw.indexOf(what, from);
  return found < 0 ? raw.length : found;
}

function quotedEnd(raw: string, from: number, quote: string): number {
  let at = from;
  while (at < raw.length && raw[at] !== quote && raw[at] !== '\n') at += raw[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** Past the closing backtick, or past the `${` that opens an expression. */
function templateEnd(raw: string, from: number): number {
  let at = from;
  while (at < raw.length) {
    if (raw[at] === '`') return at + 1;
    if (raw[at] === '$' && raw[at + 1] === '{') return at + 2;
    at += raw[at] === '\\' ? 2 : 1;
  }
  return raw.length;
}

function regexEnd(raw: string, from: number): number {
  let inClass = false;
  let at = from;
  while (at < raw.length && raw[at] !== '\n' && (inClass || raw[at] !== '/')) {
    if (raw[at] === '[') inClass = true;
    if (raw[at] === ']') inClass = false;
    at += raw[at] === '\\' ? 2 : 1;
  }
  return at + 1;
}
