import type { JudgedPoint } from './judge.ts';

/** Points that differ in their load alone, from the smallest. */
export interface Curve {
  readonly title: string;
  readonly points: readonly CurvePoint[];
  /** Mean size of what the logarithms of prediction ÷ measurement differ from their median by. */
  readonly shapeError: number;
}

/** One point of a curve; times per output token. */
export interface CurvePoint {
  readonly load: number;
  readonly measuredMs: number;
  readonly predictedMs: number;
}

const LEAST_POINTS = 4;

/**
 * The curves of time per output token over load. A curve has the right shape where one factor takes
 * it onto the measured one, whatever that factor is.
 */
export function curvesOf(points: readonly JudgedPoint[]): Curve[] {
  const byTitle = new Map<string, CurvePoint[]>();
  for (const point of points) {
    const place = placeOf(point);
    if (place === undefined) continue;
    const curve = byTitle.get(place.title) ?? [];
    if (!curve.some(({ load }) => load === place.point.load)) curve.push(place.point);
    byTitle.set(place.title, curve);
  }
  return [...byTitle]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .filter(([, curve]) => curve.length >= LEAST_POINTS)
    .map(([title, curve]) => {
      curve.sort((a, b) => a.load - b.load);
      return { title, points: curve, shapeError: shapeErrorOf(curve) };
    });
}

function placeOf({ row, measured, answer, suspect }: JudgedPoint) {
  const { workload } = row;
  const load = workload.concurrency ?? workload.request_rate;
  const predictedMs = answer?.leftOut.gpuClass.tpotMs;
  const measuredMs = measured.tpotMs;
  if (suspect !== undefined || measuredMs === undefined || predictedMs === undefined) {
    return undefined;
  }
  if (typeof load !== 'number') return undefined;
  const lengths = [
    workload.isl ?? workload.isl_nominal ?? workload.isl_mean ?? workload.dataset ?? '?',
    workload.osl ?? workload.osl_nominal ?? (workload.osl_mean === undefined ? '?' : 'own'),
  ].join(' in, ');
  const engine = `${row.engine} ${row.engine_version ?? ''}`.trim();
  const title = `${row.model} ${row.precision ?? ''}, ${row.gpu} TP ${row.tp}, ${engine}, ${lengths} out (${row.family ?? 'own'})`;
  return { title, point: { load, measuredMs, predictedMs } };
}

/** Mean |log ratio − median log ratio|. */
export function shapeErrorOf(
  curve: readonly { readonly measuredMs: number; readonly predictedMs: number }[],
): number {
  const logs = curve.map(({ measuredMs, predictedMs }) => Math.log(predictedMs / measuredMs));
  const sorted = [...logs].sort((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)]!;
  return logs.reduce((sum, log) => sum + Math.abs(log - middle), 0) / logs.length;
}
