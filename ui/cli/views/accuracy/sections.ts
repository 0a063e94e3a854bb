import { engineOf } from '#sim/accuracy/groups.ts';
import type { JudgedPoint } from '#sim/accuracy/judge.ts';
import {
  type AccuracyReport,
  BY,
  badnessOf,
  errorOf,
  type GroupScore,
} from '#sim/accuracy/report.ts';
import type { Score } from '#sim/accuracy/score.ts';
import type { Target } from '#sim/accuracy/targets.ts';
import { SCORED, type ScoredMetric } from '#sim/accuracy/truth.ts';

/** A table in no form yet: the first columns are words, the others numbers. */
export interface Section {
  readonly title: string;
  readonly note?: string;
  readonly head: readonly string[];
  readonly words: number;
  readonly rows: readonly (readonly string[])[];
}

const METRICS: Readonly<Record<ScoredMetric, string>> = {
  tpotMs: 'TPOT',
  ttftMs: 'TTFT',
  e2eMs: 'E2E',
  outputTokensPerS: 'tok/s',
};

const NONE = '–';

/** A share as a percentage with one digit; a dash where there is none. */
export function percent(share: number | undefined, signed = false): string {
  if (share === undefined) return NONE;
  const text = (100 * share).toFixed(1);
  return signed && share > 0 ? `+${text}` : text;
}

function figure(value: number | undefined): string {
  return value === undefined ? NONE : value >= 1000 ? value.toFixed(0) : value.toPrecision(3);
}

function triple(score: Score | undefined): string {
  if (score === undefined) return NONE;
  return `${percent(score.signed, true)} | ${[score.median, score.mean, score.p90].map((share) => percent(share)).join(' / ')}`;
}

/** What the page says before its tables; of rows that no goal is judged on, their error first. */
export function headline({ asked, answered, suspect, targets, all }: AccuracyReport): string {
  const count = (value: number) => value.toLocaleString('en-US');
  const error = targets.length > 0 ? '' : `${errorLine(all.scores.tpotMs)}\n`;
  return `${error}${count(asked)} measured points, ${count(answered)} answered (${percent(answered / asked)} %); ${count(suspect)} that their own source contradicts count for no error.`;
}

function errorLine(score: Score | undefined): string {
  if (score === undefined) return 'TPOT error: none, no point of it has both a TPOT and an answer.';
  const { median, mean, p90, points } = score;
  const of = points === 1 ? '1 point' : `${points.toLocaleString('en-US')} points`;
  return `TPOT error: median ${percent(median)} %, mean ${percent(mean)} %, p90 ${percent(p90)} % of ${of}.`;
}

/** How the errors come about. */
export const DISCIPLINE =
  'Every error is of a prediction with host constants fitted without the class of GPUs of its point, and again without its family of models; the figure of the worse of the two is printed.';

/** The tables of a report; `points` rows of the worst of all. */
export function sectionsOf(report: AccuracyReport, points: number): Section[] {
  return [
    ...(report.targets.length > 0 ? [targetSection(report.targets)] : []),
    ...BY.map((by) => groupSection(by, report)),
    eraSection(report),
    pointSection(report.points.slice(0, points)),
  ];
}

function targetSection(targets: readonly Target[]): Section {
  return {
    title: 'Targets',
    note: 'Absolute relative errors in %; AIConfigurator 0.12 as measured on the same published rows.',
    head: ['target', 'state', 'figure', 'wanted', 'got', 'AIConfigurator'],
    words: 3,
    rows: targets.flatMap(({ title, points, figures, peer = NONE }) =>
      figures.map(({ name, limit, value, state }, index) => [
        index === 0 ? `${title} (${points.toLocaleString('en-US')})` : '',
        state,
        name,
        `${name === 'share' ? '≥' : '≤'} ${limit}`,
        value === undefined ? NONE : value.toFixed(1),
        index === 0 ? peer : '',
      ]),
    ),
  };
}

function groupSection(by: (typeof BY)[number], report: AccuracyReport): Section {
  const groups = by === 'source' ? [report.all, ...report.groups.source] : report.groups[by];
  return {
    title: `By ${by}`,
    ...(by === 'source' && {
      note: 'Median with its sign | median / mean / p90 without, in %. TTFT of unsaturated rows and of batches. Shape: what a curve over load differs by once one factor is allowed it.',
    }),
    head: [by, 'answered', ...SCORED.map((metric) => METRICS[metric]), 'shape'],
    words: 1,
    rows: groups.map((group) => groupRow(group)),
  };
}

function groupRow({ name, asked, answered, scores, shapeError }: GroupScore): string[] {
  const cells = SCORED.map((metric) => triple(scores[metric]));
  return [name, `${answered}/${asked}`, ...cells, percent(shapeError)];
}

function eraSection({ eras }: AccuracyReport): Section {
  return {
    title: 'Host constants, ms: shipped, and as these points would have them',
    head: ['engine from', 'points', 'a pass', 'a request', 'a draw', 'a layer', 'frontend'],
    words: 1,
    rows: eras.map(({ era, points, shipped, fitted }) => [
      era,
      String(points),
      ...(['perPass', 'perRequest', 'perDraw', 'perLayer', 'frontend'] as const).map(
        (key) => `${figure(shipped[key])} → ${figure(fitted[key])}`,
      ),
    ]),
  };
}

/** Points, the worst first. */
export function pointSection(points: readonly JudgedPoint[]): Section {
  return {
    title: 'Points, the worst first',
    head: ['id', 'what', 'state', 'load', 'TPOT ms', 'TTFT ms', 'E2E ms', 'tok/s'],
    words: 3,
    rows: points.map((point) => pointRow(point)),
  };
}

function pointRow(point: JudgedPoint): string[] {
  const { row, measured, error, suspect } = point;
  const { concurrency, request_rate, batch, num_prompts } = row.workload;
  const state = error?.code ?? (suspect === undefined ? '' : 'suspect');
  return [
    row.id,
    `${row.model}, ${row.gpu} × ${row.tp}, ${engineOf(row)}`,
    state,
    String(concurrency ?? request_rate ?? batch ?? num_prompts ?? NONE),
    ...SCORED.map((metric) => {
      const was = measured[metric];
      const off = errorOf(point, metric);
      if (was === undefined) return NONE;
      return off === undefined ? figure(was) : `${figure(was)} ${percent(off, true)} %`;
    }),
  ];
}

/** Whether a point is so far off that it is worth a look. */
export function isBad(point: JudgedPoint): boolean {
  return badnessOf(point) > Math.log(1.25);
}
