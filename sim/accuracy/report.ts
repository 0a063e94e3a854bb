import type { MeasuredRow } from '../estimate/measured/measured-row.ts';
import { type EraFit, GROUPINGS } from './fold.ts';
import { engineOf } from './groups.ts';
import { type JudgedPoint, judge } from './judge.ts';
import { tellsTtft } from './saturation.ts';
import { leftOutScore, type Score } from './score.ts';
import { type Curve, curvesOf } from './shape.ts';
import { type Target, targetsOf } from './targets.ts';
import { SCORED, type ScoredMetric } from './truth.ts';

/** Scores of rows that have something in common. */
export interface GroupScore {
  readonly name: string;
  readonly asked: number;
  readonly answered: number;
  readonly scores: Partial<Readonly<Record<ScoredMetric, Score>>>;
  /** Mean shape error of its curves over load; absent where it has none. */
  readonly shapeError?: number;
}

/** How rows are put together. */
export const BY = ['source', 'gpu', 'model', 'engine'] as const;

/** All that is known of how wrong the predictions are. */
export interface AccuracyReport {
  readonly asked: number;
  readonly answered: number;
  readonly suspect: number;
  /** Goals of the project, judged on published rows alone: none where a row says no source. */
  readonly targets: readonly Target[];
  readonly all: GroupScore;
  readonly groups: Readonly<Record<(typeof BY)[number], readonly GroupScore[]>>;
  readonly curves: readonly Curve[];
  readonly eras: readonly EraFit[];
  /** The worst first, those without an answer before all others. */
  readonly points: readonly JudgedPoint[];
}

/** Judges rows and sums up. The same rows and seed give the same report, to the last bit. */
export function reportAccuracy(
  rows: readonly MeasuredRow[],
  seed: number,
  onFlight?: (done: number, total: number) => void,
): AccuracyReport {
  const { points, eras } = judge(rows, seed, onFlight);
  const keys: Record<(typeof BY)[number], (point: JudgedPoint) => string> = {
    source: ({ row }) => row.family ?? 'own',
    gpu: ({ gpuClass }) => gpuClass,
    model: ({ row }) => row.model.slice(row.model.lastIndexOf('/') + 1),
    engine: ({ row }) => engineOf(row),
  };
  return {
    asked: points.length,
    answered: points.filter(({ answer }) => answer !== undefined).length,
    suspect: points.filter(({ suspect }) => suspect !== undefined).length,
    targets: rows.every(isPublished) ? targetsOf(points) : [],
    all: scoreGroup('all', points),
    groups: {
      source: groupBy(points, keys.source),
      gpu: groupBy(points, keys.gpu),
      model: groupBy(points, keys.model),
      engine: groupBy(points, keys.engine),
    },
    curves: curvesOf(points).sort((a, b) => b.shapeError - a.shapeError),
    eras,
    points: worstFirst(points),
  };
}

/** A row of the reference set says its study and where it was published; a user's own does not. */
function isPublished({ family, source }: MeasuredRow): boolean {
  return family !== undefined && source !== undefined;
}

function groupBy(
  points: readonly JudgedPoint[],
  key: (point: JudgedPoint) => string,
): GroupScore[] {
  const names = [...new Set(points.map(key))].sort();
  return names
    .map((name) =>
      scoreGroup(
        name,
        points.filter((point) => key(point) === name),
      ),
    )
    .sort((a, b) => b.asked - a.asked);
}

/** Scores a group; suspect rows count as asked and answered, and for no error. */
export function scoreGroup(name: string, points: readonly JudgedPoint[]): GroupScore {
  const counted = points.filter(({ suspect }) => suspect === undefined);
  const scores: Partial<Record<ScoredMetric, Score>> = {};
  for (const metric of SCORED) {
    // The first token of a saturated server is the end of a queue, whose length is the source's.
    const told = counted.filter(
      ({ row, answer }) =>
        metric !== 'ttftMs' || tellsTtft(row.workload, answer?.measuredSaturated),
    );
    const score = leftOutScore(told, metric);
    if (score !== undefined) scores[metric] = score;
  }
  const curves = curvesOf(points);
  const shapeError = curves.reduce((sum, curve) => sum + curve.shapeError, 0) / curves.length;
  return {
    name,
    asked: points.length,
    answered: points.filter(({ answer }) => answer !== undefined).length,
    scores,
    ...(curves.length > 0 && { shapeError }),
  };
}

/** The left-out error of a point, the larger of the two; undefined where there is none. */
export function errorOf({ answer }: JudgedPoint, metric: ScoredMetric): number | undefined {
  const errors = GROUPINGS.flatMap((grouping) => answer?.errors[grouping][metric] ?? []);
  return errors.sort((a, b) => Math.abs(b) - Math.abs(a))[0];
}

/** What a point is listed by: its largest error, in a sense in which half and double are alike. */
export function badnessOf(point: JudgedPoint): number {
  if (point.answer === undefined) return Number.POSITIVE_INFINITY;
  for (const metric of ['tpotMs', 'e2eMs', 'outputTokensPerS', 'ttftMs'] as const) {
    const error = errorOf(point, metric);
    if (error !== undefined) return Math.abs(Math.log(1 + error));
  }
  return 0;
}

function worstFirst(points: readonly JudgedPoint[]): JudgedPoint[] {
  return [...points].sort((a, b) => {
    const [left, right] = [badnessOf(a), badnessOf(b)];
    return left === right ? (a.row.id < b.row.id ? -1 : 1) : right - left;
  });
}
