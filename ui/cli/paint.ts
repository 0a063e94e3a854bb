import type { Writable } from 'node:stream';
import { styleText } from 'node:util';

/** A line, and how it stands out. The first pattern that matches paints it. */
const STYLES = [
  { pattern: /^! /, format: 'yellow' },
  { pattern: / {2}FAIL(: .*)?$/, format: 'red' },
  { pattern: / {2}better$/, format: 'green' },
  { pattern: / {2}worse$/, format: 'red' },
  { pattern: /^\S.* times \S+ \(n = /, format: 'bold' },
] as const;

/**
 * Colours a readable result for a terminal. The text stays as it is for a pipe and under NO_COLOR,
 * which `styleText` asks the stream about.
 */
export function paint(text: string, stream: Writable): string {
  return text
    .split('\n')
    .map((line) => {
      const style = STYLES.find(({ pattern }) => pattern.test(line));
      return style === undefined ? line : styleText(style.format, line, { stream });
    })
    .join('\n');
}
