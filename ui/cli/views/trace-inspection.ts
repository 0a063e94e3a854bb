import type { Distribution } from '#traces/inspect/distribution.ts';
import type { TraceInspection } from '#traces/inspect/inspect-trace.ts';
import { bar, sparkline } from './bars.ts';

const BAR_WIDTH = 24;

/** A heading and rows of equal width; the first column is text, the others are numbers. */
interface Section {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** A line below the table. */
  readonly note?: string;
}

/** The inspection for a terminal. */
export function inspectionTable(inspection: TraceInspection): string {
  const { trace } = inspection;
  const lines = [
    `${trace.path}  ${trace.format}, ${count(trace.requests)} requests`,
    `sha256 ${trace.sha256}`,
  ];
  for (const section of sections(inspection)) lines.push('', ...tableLines(section));
  return `${lines.join('\n')}\n`;
}

/** The inspection as Markdown. */
export function inspectionMarkdown(inspection: TraceInspection): string {
  const { trace } = inspection;
  const lines = [
    `# ${trace.path}`,
    '',
    `${trace.format}, ${count(trace.requests)} requests, sha256 \`${trace.sha256}\``,
  ];
  for (const { title, head, rows, note } of sections(inspection)) {
    const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
    lines.push('', `## ${title}`, '');
    for (const row of [head, rule, ...rows]) lines.push(`| ${row.join(' | ')} |`);
    if (note !== undefined) lines.push('', note);
  }
  return `${lines.join('\n')}\n`;
}

function sections(inspection: TraceInspection): Section[] {
  return [
    lengthSection(inspection),
    arrivalSection(inspection),
    sessionSection(inspection),
    reuseSection(inspection),
    workingSetSection(inspection),
  ].filter((section) => section !== undefined);
}

function lengthSection({ inputTokens, outputTokens }: TraceInspection): Section {
  return {
    title: 'Lengths (tokens)',
    head: ['', 'mean', 'p50', 'p95', 'p99', 'max', 'n'],
    rows: [distributionRow('input', inputTokens), distributionRow('output', outputTokens)],
  };
}

function arrivalSection({ arrivals, arrivalHistogram }: TraceInspection): Section | undefined {
  if (arrivals === undefined) return undefined;
  const rows = [
    ['arrivals', count(arrivals.n)],
    ['distinct timestamps', count(arrivals.distinctTimestamps)],
    ['span (s)', decimal(arrivals.spanMs / 1_000, 1)],
    ['rate (req/s)', optional(arrivals.rateRps, 3)],
    ['peak in 1 min (req/s)', decimal(arrivals.peakRps1min, 3)],
    ['peak in 1 s (req/s)', decimal(arrivals.peakRps1s, 0)],
    ['CV of the gaps (Poisson: 1)', optional(arrivals.gapCv, 3)],
    ['time resolution (ms)', optional(arrivals.timeResolutionMs, 4)],
    ['clock step (ms)', optional(arrivals.clockStepMs, 4)],
  ];
  const shape = arrivals.spanMs > 0 ? { note: sparkline(arrivalHistogram ?? []) } : {};
  return { title: 'Arrivals', head: ['', 'value'], rows, ...shape };
}

function sessionSection({ sessions }: TraceInspection): Section | undefined {
  if (sessions === undefined) return undefined;
  const rows: string[][] = [];
  if (sessions.turns !== undefined) rows.push(distributionRow('turns', sessions.turns));
  if (sessions.delayMs !== undefined) rows.push(distributionRow('delay (ms)', sessions.delayMs));
  const alone = sessions.requestsWithoutSession;
  return {
    title: `Sessions (${count(sessions.sessions)}, and ${count(alone)} requests without one)`,
    head: ['', 'mean', 'p50', 'p95', 'p99', 'max', 'n'],
    rows,
  };
}

function reuseSection({ reuse, traceBlockSize }: TraceInspection): Section | undefined {
  if (reuse === undefined) return undefined;
  const blocks = ratio(reuse.hitBlocks, reuse.totalBlocks);
  const tokens = ratio(reuse.hitTokens, reuse.totalTokens);
  return {
    title: `Infinite-cache ceiling (blocks of ${count(traceBlockSize)} tokens)`,
    head: ['', 'hits', 'of', 'ratio'],
    rows: [
      ['blocks', count(reuse.hitBlocks), count(reuse.totalBlocks), blocks],
      ['tokens', count(reuse.hitTokens), count(reuse.totalTokens), tokens],
    ],
    note: `${count(reuse.uniqueBlocks)} distinct blocks`,
  };
}

function workingSetSection(inspection: TraceInspection): Section | undefined {
  const { workingSet, reuse, traceBlockSize } = inspection;
  if (workingSet === undefined || reuse === undefined || workingSet.length === 0) return undefined;
  const rows = workingSet.map(({ blocks, hitBlocks, hitRatio }) => {
    const share = reuse.hitBlocks === 0 ? 0 : hitBlocks / reuse.hitBlocks;
    const tokens = count(blocks * traceBlockSize);
    return [count(blocks), tokens, percent(hitRatio), bar(share, BAR_WIDTH)];
  });
  const enough = inspection.blocksFor90PercentOfCeiling;
  const note =
    enough === undefined ? {} : { note: `90 % of the ceiling needs ${count(enough)} blocks` };
  return {
    title: 'Working set (one LRU cache in front of the whole trace)',
    head: ['blocks', 'tokens', 'hit ratio', 'share of the ceiling'],
    rows,
    ...note,
  };
}

function tableLines({ title, head, rows, note }: Section): string[] {
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 || !/^[\d-]/.test(cell) ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd();
  const names = head.map((name, column) => {
    const width = widths[column] ?? 0;
    return column === 0 ? name.padEnd(width) : name.padStart(width);
  });
  return [
    title,
    ...[names.join('  ').trimEnd(), ...rows.map(line)].map((text) => `  ${text}`),
    ...(note === undefined ? [] : [`  ${note}`]),
  ];
}

function distributionRow(name: string, distribution: Distribution): string[] {
  const { mean, p50, p95, p99, max, n } = distribution;
  return [name, decimal(mean, 1), ...[p50, p95, p99, max, n].map(count)];
}

function count(value: number): string {
  return decimal(value, 0);
}

function decimal(value: number, digits: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}

/** A number that needs more samples than there are is a dash, never a 0. */
function optional(value: number | undefined, digits: number): string {
  return value === undefined ? '-' : decimal(value, digits);
}

function ratio(part: number, whole: number): string {
  return whole === 0 ? '-' : percent(part / whole);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
