import type { SourceFile } from './repository.ts';
import { lineAt } from './source-text.ts';

interface Ban {
  readonly pattern: RegExp;
  readonly why: string;
}

/** What would make a machine of core or sim depend on when, where or beside what it runs. */
const BANS: readonly Ban[] = [
  { pattern: /\bDate\b/g, why: 'reads a clock' },
  { pattern: /\bperformance\s*\./g, why: 'reads a clock' },
  { pattern: /\bprocess\s*\.\s*\w/g, why: 'touches the process' },
  { pattern: /\bMath\s*\.\s*random\b/g, why: 'draws ambient randomness' },
  { pattern: /\bcrypto\s*\.\s*(?:getRandomValues|randomUUID|subtle)\b/g, why: 'is ambient' },
  {
    pattern: /\b(?:setTimeout|setInterval|setImmediate|queueMicrotask|requestAnimationFrame)\b/g,
    why: 'sets a timer',
  },
  { pattern: /\bconsole\b/g, why: 'writes to the console' },
  { pattern: /\b(?:fetch|require|structuredClone)\s*\(/g, why: 'leaves the machine' },
  { pattern: /\b(?:XMLHttpRequest|WebSocket|EventSource|Worker)\b/g, why: 'leaves the machine' },
  { pattern: /\b(?:async|await|Promise)\b/g, why: 'waits' },
  { pattern: /\b(?:globalThis|WeakRef|FinalizationRegistry)\b/g, why: 'is ambient' },
  { pattern: /\bIntl\b|\.localeCompare\b|\.toLocale\w+/g, why: 'depends on the locale' },
];

/** Every ambient thing that a file of core or sim uses, as "path:line: what". */
export function impurities(file: SourceFile): readonly string[] {
  const found: string[] = [];
  for (const { pattern, why } of BANS) {
    for (const match of file.code.matchAll(pattern)) {
      // A property may bear such a name (`options.async`); only the ambient thing itself is banned.
      if (
        /[\w)\]]\s*\??\.\s*$/.test(file.code.slice(0, match.index)) &&
        !match[0].startsWith('.')
      ) {
        continue;
      }
      found.push(`${file.path}:${lineAt(file.code, match.index)}: ${match[0].trim()} ${why}`);
    }
  }
  return found;
}
