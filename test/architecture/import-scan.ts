import type { SourceFile } from './repository.ts';
import { lineAt } from './source-text.ts';

/** One import, re-export or dynamic import; without a specifier when that is computed. */
export interface ImportSite {
  readonly specifier: string | undefined;
  readonly line: number;
}

const STATEMENT = /\b(?:import|export)\b[^'"`;()=]*?\bfrom\s*['"]/g;
const BARE = /\bimport\s*['"]/g;
const DYNAMIC = /\bimport\s*\(\s*/g;
const LITERAL = /^(?:'([^'\n]*)'|"([^"\n]*)")/;

/** Every place at which a file names another module: import, export … from, import(), import type. */
export function scanImports(file: SourceFile): readonly ImportSite[] {
  const sites: ImportSite[] = [];
  for (const pattern of [STATEMENT, BARE]) {
    for (const match of file.code.matchAll(pattern)) {
      sites.push(siteAt(file, match.index + match[0].length - 1));
    }
  }
  for (const match of file.code.matchAll(DYNAMIC)) {
    sites.push(siteAt(file, match.index + match[0].length));
  }
  return sites.sort((a, b) => a.line - b.line);
}

function siteAt(file: SourceFile, quoteAt: number): ImportSite {
  const literal = LITERAL.exec(file.raw.slice(quoteAt));
  return { specifier: literal?.[1] ?? literal?.[2], line: lineAt(file.raw, quoteAt) };
}
