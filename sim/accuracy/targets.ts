import { GROUPINGS } from './fold.ts';
import type { JudgedPoint } from './judge.ts';
import { leftOutScore, type Score } from './score.ts';
import type { ScoredMetric } from './truth.ts';

/** What is wanted of a figure. */
export interface Target {
  readonly title: string;
  readonly points: number;
  readonly figures: readonly TargetFigure[];
  /** AIConfigurator 0.12 on the published rows, in its own words' order; absent where not known. */
  readonly peer?: string;
}

/** One figure: what it is, what it was, what it should be. */
export interface TargetFigure {
  /** `share` is to be large, `rate` to be small; both are percent of the points. */
  readonly name: 'median' | 'mean' | 'p90' | 'share' | 'rate';
  readonly limit: number;
  readonly value: number | undefined;
  /** `unknown` where no row says. */
  readonly state: 'met' | 'missed' | 'unknown';
}

interface Wanted {
  readonly title: string;
  readonly metric: ScoredMetric;
  readonly of: (point: JudgedPoint) => boolean;
  readonly limits: Partial<Readonly<Record<'median' | 'mean' | 'p90', number>>>;
  readonly peer?: string;
}

const ofFamily =
  (pattern: RegExp) =>
  ({ row }: JudgedPoint): boolean =>
    pattern.test(row.family ?? '');

const openLoop = ({ row }: JudgedPoint): boolean =>
  row.workload.kind === 'open-loop' && /^blis|kubecon/.test(row.family ?? '');

const closedLoop = ({ row }: JudgedPoint): boolean => row.workload.kind === 'closed-loop';

/** Batches are neither: their TTFT counts with that of all rows. */
const unsaturated = ({ answer }: JudgedPoint): boolean => answer?.measuredSaturated === false;

const WANTED: readonly Wanted[] = [
  {
    title: 'TPOT, all rows',
    metric: 'tpotMs',
    of: () => true,
    limits: { median: 7, mean: 11, p90: 25 },
    peer: '13.5 / 20.2 / 49.7',
  },
  {
    title: 'TPOT, InferenceMAX 70B',
    metric: 'tpotMs',
    of: ofFamily(/^inferencemax/),
    limits: { median: 4.5, mean: 6.5, p90: 13 },
    peer: '9.6 / 12.4 / 27.3',
  },
  {
    title: 'TPOT, ML.ENERGY',
    metric: 'tpotMs',
    of: ofFamily(/^ml-energy/),
    limits: { median: 6 },
    peer: '28.2',
  },
  {
    title: 'TPOT, BLIS and kubecon open loop',
    metric: 'tpotMs',
    of: openLoop,
    limits: { median: 8 },
    peer: 's2r 7.3, train 11.8, kubecon 38.7',
  },
  {
    title: 'mean E2E, BLIS and kubecon open loop',
    metric: 'e2eMs',
    of: openLoop,
    limits: { median: 8, mean: 8 },
  },
  {
    title: 'throughput, closed loops',
    metric: 'outputTokensPerS',
    of: closedLoop,
    limits: { median: 5 },
    peer: '35 (ML.ENERGY)',
  },
  {
    title: 'mean TTFT, unsaturated rows',
    metric: 'ttftMs',
    of: unsaturated,
    limits: { median: 20 },
    peer: '22 to 160',
  },
  {
    title: 'mean TTFT, all rows',
    metric: 'ttftMs',
    of: () => true,
    limits: { median: 20 },
  },
];

const COVERAGE_PERCENT = 95;
const RECOGNISED_PERCENT = 95;

/** Every target with its state; suspect rows count for none, except for coverage. */
export function targetsOf(points: readonly JudgedPoint[]): Target[] {
  const counted = points.filter(({ suspect }) => suspect === undefined);
  const scored = WANTED.map(({ title, metric, of, limits, peer }): Target => {
    const score = leftOutScore(counted.filter(of), metric);
    return {
      title,
      points: score?.points ?? 0,
      figures: figuresOf(score, limits),
      ...(peer !== undefined && { peer }),
    };
  });
  return [...scored, recognised(counted), falseAlarms(counted), coverage(points)];
}

function figuresOf(score: Score | undefined, limits: Wanted['limits']): TargetFigure[] {
  return (['median', 'mean', 'p90'] as const).flatMap((name) => {
    const limit = limits[name];
    const value = score && 100 * score[name];
    return limit === undefined ? [] : [figure(name, limit, value, (was) => was <= limit)];
  });
}

function figure(
  name: TargetFigure['name'],
  limit: number,
  value: number | undefined,
  good: (value: number) => boolean,
): TargetFigure {
  const state = value === undefined ? 'unknown' : good(value) ? 'met' : 'missed';
  return { name, limit, value, state };
}

function recognised(points: readonly JudgedPoint[]): Target {
  const title = 'saturated points recognised';
  const { called, points: count } = calledSaturated(points, true);
  return shareTarget(title, Math.min(...called), count, RECOGNISED_PERCENT);
}

/** Recognising all is easy for whoever calls everything saturated. */
function falseAlarms(points: readonly JudgedPoint[]): Target {
  const { called, points: count } = calledSaturated(points, false);
  const value = percentOf(Math.max(...called), count);
  const limit = 100 - RECOGNISED_PERCENT;
  return {
    title: 'unsaturated points taken for saturated',
    points: count,
    figures: [figure('rate', limit, value, (was) => was <= limit)],
  };
}

/** Of the points that were measured saturated, or not: how many each left-out flight calls so. */
function calledSaturated(points: readonly JudgedPoint[], measured: boolean) {
  const answers = points.flatMap(({ answer }) =>
    answer?.measuredSaturated === measured ? [answer] : [],
  );
  const called = GROUPINGS.map(
    (grouping) => answers.filter(({ saturated }) => saturated[grouping] === true).length,
  );
  return { called, points: answers.length };
}

function coverage(points: readonly JudgedPoint[]): Target {
  const answered = points.filter(({ answer }) => answer !== undefined).length;
  return shareTarget('coverage', answered, points.length, COVERAGE_PERCENT);
}

function shareTarget(title: string, part: number, whole: number, limit: number): Target {
  const value = percentOf(part, whole);
  return { title, points: whole, figures: [figure('share', limit, value, (was) => was >= limit)] };
}

function percentOf(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : (100 * part) / whole;
}
