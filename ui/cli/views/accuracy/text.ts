import type { AccuracyReport } from '#sim/accuracy/report.ts';
import { DISCIPLINE, headline, type Section, sectionsOf } from './sections.ts';

/** Points in a terminal; the other forms list all. */
const WORST = 10;

/** A report for a terminal. */
export function accuracyTable(report: AccuracyReport): string {
  const parts = [`${headline(report)}\n${DISCIPLINE}\n`];
  for (const section of sectionsOf(report, WORST)) parts.push(textOf(section));
  return parts.join('\n');
}

function textOf({ title, note, head, words, rows }: Section): string {
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        column < words ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
      )
      .join('  ')
      .trimEnd();
  const above = note === undefined ? [title] : [title, note];
  return `${[...above, ...[head, ...rows].map((row) => `  ${line(row)}`)].join('\n')}\n`;
}

/** A report as Markdown, with every point. */
export function accuracyMarkdown(report: AccuracyReport): string {
  const parts = [`# Accuracy\n\n${headline(report)} ${DISCIPLINE}\n`];
  for (const section of sectionsOf(report, report.points.length)) parts.push(markdownOf(section));
  return parts.join('\n');
}

function markdownOf({ title, note, head, words, rows }: Section): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = head.map((_, column) => (column < words ? '---' : '---:'));
  const above = note === undefined ? '' : `${note}\n\n`;
  return `## ${title}\n\n${above}${[head, rule, ...rows].map((row) => line(row)).join('\n')}\n`;
}
