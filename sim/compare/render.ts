import { THIN_NOTE, timingFacts } from '../report/facts.ts';
import { formatCount } from '../report/format.ts';
import { renderAligned, renderMarkdownTable, type TextTable } from '../report/text-table.ts';
import type { CandidateComparison, Comparison, PairComparison } from './comparison.ts';
import { DELTA_HEADER, deltaCells, quantity } from './delta-cells.ts';
import { HEADLINE_KEYS, METRICS } from './metrics.ts';
import { tenantTables } from './render-tenants.ts';
import { sampleText, sentences } from './sentence.ts';
import { SEEDS_MIN } from './tally.ts';

/** What a reader of the tables wants to see. */
export interface TableOptions {
  /** Every metric, p50, p90 and p95 included. */
  readonly allMetrics?: boolean;
}

/** The comparison for a terminal, without colour. */
export function renderComparisonTable(
  comparison: Comparison,
  { allMetrics = false }: TableOptions = {},
): string {
  const lines = [...sentences(comparison), ''];
  for (const candidate of challengers(comparison)) {
    lines.push(...renderAligned(deltaTable(comparison, candidate, allMetrics)), '');
  }
  for (const { title, table } of furtherTables(comparison)) {
    lines.push(title, ...renderAligned(table), '');
  }
  lines.push(...notes(comparison));
  if (!allMetrics) lines.push('p50, p90 and p95 of each latency: --all-metrics.');
  return `${lines.join('\n')}\n`;
}

/** The comparison as a Markdown page. */
export function renderComparisonMarkdown(
  comparison: Comparison,
  { allMetrics = false }: TableOptions = {},
): string {
  const lines = ['# Windtunnel compare', ''];
  for (const sentence of sentences(comparison)) lines.push(`**${sentence}**`, '');
  for (const candidate of challengers(comparison)) {
    lines.push(...renderMarkdownTable(deltaTable(comparison, candidate, allMetrics)), '');
  }
  for (const { title, table } of furtherTables(comparison)) {
    lines.push(`## ${title}`, '', ...renderMarkdownTable(table), '');
  }
  lines.push(...notes(comparison).map((note) => `- ${note.replace(/^\*/, '\\*')}`));
  return `${lines.join('\n')}\n`;
}

function challengers({ candidates, baseline }: Comparison): CandidateComparison[] {
  return candidates.filter(({ name }) => name !== baseline);
}

interface TitledTable {
  readonly title: string;
  readonly table: TextTable;
}

function furtherTables(comparison: Comparison): TitledTable[] {
  const { pairs = [] } = comparison;
  const all =
    pairs.length === 0 ? [] : [{ title: 'Every two candidates', table: pairTable(pairs) }];
  return [...all, ...tenantTables(comparison)];
}

/** A row for each pair and headline metric. */
function pairTable(pairs: readonly PairComparison[]): TextTable {
  const rows = pairs.flatMap(({ candidate, against, metrics }) =>
    METRICS.filter(({ key }) => HEADLINE_KEYS.includes(key)).flatMap(({ key, label }) => {
      const metric = metrics[key];
      if (metric?.difference === undefined) return [];
      return [[`${candidate} against ${against}: ${label}`, ...deltaCells(metric)]];
    }),
  );
  return { header: ['', ...DELTA_HEADER], rows };
}

/** Metrics down; baseline, candidate, ratio and Δ with their intervals, verdict across. */
function deltaTable(
  comparison: Comparison,
  candidate: CandidateComparison,
  allMetrics: boolean,
): TextTable {
  const baseline = comparison.candidates.find(({ name }) => name === comparison.baseline);
  const shown = METRICS.filter(({ detail }) => allMetrics || detail !== true);
  const rows = shown.flatMap(({ key, label, unit }) => {
    const own = candidate.metrics[key];
    const other = baseline?.metrics[key];
    if (own === undefined || other === undefined) return [];
    const name = unit === '' || unit === 'requests' ? label : `${label}, ${unit}`;
    const star = own.few_samples === true ? '*' : '';
    return [[`${name}${star}`, quantity(other.value), quantity(own.value), ...deltaCells(own)]];
  });
  return {
    header: ['', comparison.baseline, candidate.name, ...DELTA_HEADER],
    rows,
  };
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
  lines.push(...correctionNotes(comparison));
  if (bootstrap.unit === 'request_block') {
    lines.push(
      `With ${seeds.length} of at least ${SEEDS_MIN} seeds, metrics of a whole run are not assessed.`,
    );
  }
  lines.push(...unjudgedNotes(comparison), ...timingNotes(comparison));
  if (comparison.candidates.some(hasThinPercentile)) lines.push(THIN_NOTE);
  for (const { name, unpaired_requests } of comparison.candidates) {
    if (unpaired_requests === 0) continue;
    const count = formatCount(unpaired_requests);
    lines.push(`${name} completed ${count} requests that another did not; they are left out.`);
  }
  return lines;
}

/** How far pass times can be believed: once, or for each candidate where they differ. */
function timingNotes({ candidates }: Comparison): string[] {
  const notes = candidates.map(({ name, timing = [], pass_times = [] }) => ({
    name,
    text: [...timingFacts(timing).map(([, text]) => text), ...pass_times].join('; '),
  }));
  const texts = [...new Set(notes.map(({ text }) => text))];
  if (texts.length === 1) {
    return texts[0] === '' ? [] : [`Pass times: ${texts[0]}.`, ...sharedTimesNote(candidates)];
  }
  return notes.flatMap(({ name, text }) =>
    text === '' ? [] : [`Pass times with ${name}: ${text}.`],
  );
}

/** Engines that are held against each other on pass times that are of neither. */
function sharedTimesNote(candidates: readonly CandidateComparison[]): string[] {
  const backends = candidates.map(
    ({ set }) => set.find((assignment) => assignment.startsWith('engine.backend=')) ?? '',
  );
  const isPlain = candidates.every(({ timing, pass_times }) => !timing && pass_times);
  if (!isPlain || new Set(backends).size === 1) return [];
  return [
    'All candidates share these pass times: what differs between their engines here is the scheduler, not the speed.',
  ];
}

/** A line for each reason, with the metrics of the tables that it keeps from a verdict. */
function unjudgedNotes({ unjudged = [], candidates }: Comparison): string[] {
  return unjudged.flatMap(({ metrics: keys, reason }) => {
    const labels = METRICS.filter(({ key }) => keys.includes(key))
      .filter(({ key }) => candidates.some(({ metrics }) => metrics[key] !== undefined))
      .map(({ label }) => label);
    return labels.length === 0 ? [] : [`No verdict on ${labels.join(' and ')}: ${reason}.`];
  });
}

/** What the verdicts hold for: a family at once, or each by itself. */
function correctionNotes({ correction, tenants }: Comparison): string[] {
  if (correction === undefined) return [];
  const labels = METRICS.filter(({ key }) => correction.metrics.includes(key));
  const names = labels.map(({ label }) => label).join(', ');
  const count = formatCount(correction.comparisons);
  const lines = [
    `p: Holm's correction over ${count} judgements (${names}): with no difference anywhere, any verdict among them errs in at most ${formatCount(correction.alpha * 100)} % of comparisons.`,
    'Rows without p are judged one by one: one of twenty errs by chance.',
  ];
  if (tenants !== undefined) lines.push('Verdicts of single tenants are not corrected.');
  return lines;
}
