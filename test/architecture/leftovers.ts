import type { SourceFile } from './repository.ts';
import { lineAt } from './source-text.ts';

interface Leftover {
  readonly where: 'code' | 'comments';
  readonly pattern: RegExp;
  /** The one file that is made to hold it. */
  readonly home?: string;
}

const LEFTOVERS: readonly Leftover[] = [
  { where: 'comments', pattern: /\b(?:TODO|FIXME|XXX|HACK)\b/g },
  { where: 'comments', pattern: /@ts-(?:ignore|expect-error|nocheck)|biome-ignore/g },
  { where: 'code', pattern: /(?::|<|\bas|,|\|)\s*any\b(?!\s*[.(])|\bany\s*\[\]/g },
  { where: 'code', pattern: /\bexport\s+default\b/g },
  { where: 'code', pattern: /\b(?:test|it|describe)(?:\.\w+)*\.(?:only|skip|todo)\b/g },
  {
    where: 'code',
    pattern: /\bcontext\.skip\b|\{[^{}]*\bskip\b[^{}]*\}\s*\)\s*=>/g,
    home: 'test/shared.ts',
  },
  { where: 'code', pattern: /\bdebugger\b/g },
];

/** Everything unfinished, silenced or switched off in a file, as "path:line: what". */
export function leftovers(file: SourceFile): readonly string[] {
  return LEFTOVERS.filter(({ home }) => home !== file.path).flatMap(({ where, pattern }) =>
    [...file[where].matchAll(pattern)].map(
      (match) => `${file.path}:${lineAt(file[where], match.index)}: ${match[0].trim()}`,
    ),
  );
}
