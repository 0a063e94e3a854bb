import { THIN_NOTE } from '../report/facts.ts';
import { formatCount, formatQuantity } from '../report/format.ts';
import { renderAligned, renderMarkdownTable, type TextTable } from '../report/text-table.ts';
import type { CandidateComparison, Comparison, MetricComparison } from './comparison.ts';
import { METRICS } from './metrics.ts';
import { sampleText, sentences } from './sentence.ts';
import { SEEDS_MIN } from './tally.ts';
import type { Verdict } from './verdict.ts';

const VERDICTS: Readonly<Record<Verdict, string>> = {
  better: 'better',
  worse: 'worse',
  no_difference_detected: 'no difference detected',
  not_assessed: 'not assessed',
};

/** The comparison for a terminal, without colour. */
export function renderComparisonTable(comparison: Comparison): string {
  const lines = [...sentences(comparison), ''];
  for (const candidate of challengers(comparison)) {
    lines.push(...renderAligned(deltaTable(comparison, candidate)), '');
  }
  lines.push(...notes(comparison));
  return `${lines.join('\n')}\n`;
}

/** The comparison as a Markdown page. */
export function renderComparisonMarkdown(comparison: Comparison): string {
  const lines = ['# Windtunnel compare', ''];
  for (const sentence of sentences(comparison)) lines.push(`**${sentence}**`, '');
  for (const candidate of challengers(comparison)) {
    lines.push(...renderMarkdownTable(deltaTable(comparison, candidate)), '');
  }
  lines.push(...notes(comparison).map((note) => `- ${note.replace(/^\*/, '\\*')}`));
  return `${lines.join('\n')}\n`;
}

function challengers({ candidates, baseline }: Comparison): CandidateComparison[] {
  return candidates.filter(({ name }) => name !== baseline);
}

/** Metrics down; baseline, candidate, ratio and Δ with their intervals, verdict across. */
function deltaTable(comparison: Comparison, candidate: CandidateComparison): TextTable {
  const baseline = comparison.candidates.find(({ name }) => name === comparison.baseline);
  const rows = METRICS.flatMap(({ key, label, unit }) => {
    const own = candidate.metrics[key];
    const other = baseline?.metrics[key];
    if (own === undefined || other === undefined) return [];
    const name = unit === '' || unit === 'requests' ? label : `${label}, ${unit}`;
    const star = own.few_samples === true ? '*' : '';
    return [[`${name}${star}`, quantity(other.value), quantity(own.value), ...deltaCells(own)]];
  });
  return {
    header: ['', comparison.baseline, candidate.name, 'ratio', '95 %', 'Δ', '95 %', 'verdict'],
    rows,
  };
}

function deltaCells({ ratio, difference, verdict }: MetricComparison): string[] {
  const interval = (low: number | undefined, high: number | undefined, digits: Digits): string =>
    low === undefined || high === undefined ? '–' : `${digits(low)} … ${digits(high)}`;
  return [
    ratio === undefined ? '–' : times(ratio.estimate),
    interval(ratio?.low, ratio?.high, times),
    difference === undefined ? '–' : signed(difference.estimate),
    interval(difference?.low, difference?.high, signed),
    verdict === undefined ? '–' : VERDICTS[verdict],
  ];
}

type Digits = (value: number) => string;

/** Three digits after the point, or six where three would hide that the ratio is not 1. */
const times: Digits = (value) => {
  const hidden = value !== 1 && Math.abs(value - 1) < 0.0005;
  return value.toFixed(hidden ? 6 : 3);
};

const signed: Digits = (value) => `${value > 0 ? '+' : ''}${quantity(value)}`;

function quantity(value: number): string {
  return Number.isInteger(value) ? formatCount(value) : formatQuantity(value);
}

function hasThinPercentile({ metrics }: CandidateComparison): boolean {
  return METRICS.some(({ key }) => metrics[key]?.few_samples === true);
}

/** What a reader must know before believing the table. */
function notes(comparison: Comparison): string[] {
  const { bootstrap, seed_varies, seeds } = comparison;
  const varies = seed_varies.length === 0 ? 'nothing in these runs' : seed_varies.join('; ');
  const unit =
    bootstrap.unit === 'seed'
      ? `${bootstrap.units} seeds, the same for all candidates`
      : `${bootstrap.units} blocks of consecutive requests, the same for all candidates`;
  const lines = [
    `${sampleText(comparison)}; requests that every candidate completed, on the same arrivals.`,
    `Intervals: 95 % bootstrap, ${formatCount(bootstrap.resamples)} resamples of ${unit}.`,
    `A seed varies: ${varies}.`,
  ];
  if (bootstrap.unit === 'request_block') {
    lines.push(
      `With ${seeds.length} of at least ${SEEDS_MIN} seeds, metrics of a whole run are not assessed.`,
    );
  }
  if (comparison.candidates.some(hasThinPercentile)) lines.push(THIN_NOTE);
  for (const { name, unpaired_requests } of comparison.candidates) {
    if (unpaired_requests === 0) continue;
    const count = formatCount(unpaired_requests);
    lines.push(`${name} completed ${count} requests that another did not; they are left out.`);
  }
  return lines;
}
