import { InputError } from '#core/base/errors.ts';
import type { Deployment } from '#core/perf/pass/deployment.ts';
import { truthOf } from '#sim/accuracy/truth.ts';
import type { MeasuredPoint } from '#sim/calibrate/fit-points.ts';
import { readMeasuredRow } from '#sim/estimate/measured/measured-row.ts';
import { pointOfRow } from '#sim/estimate/measured/point-of-row.ts';
import { readTextLines } from '../text-lines.ts';

const SEED = 42;

/**
 * Measured load points of a file that belong to a deployment: of its GPU and engine. Throws an
 * InputError where none does, or with file and line where one cannot be read.
 */
export function readPoints(path: string, { gpu, engine }: Deployment): MeasuredPoint[] {
  const points: MeasuredPoint[] = [];
  for (const { text, line } of readTextLines(path)) {
    const row = readMeasuredRow(text, path, line);
    const point = pointOfRow(row, SEED);
    if (point.deployment.gpu.name !== gpu.name || point.deployment.engine !== engine) continue;
    const { tpotMs, ttftMs } = truthOf(row);
    if (tpotMs === undefined && ttftMs === undefined) continue;
    points.push({
      point,
      ...(ttftMs !== undefined && { ttftMs }),
      ...(tpotMs !== undefined && { tpotMs }),
    });
  }
  if (points.length > 0) return points;
  throw new InputError('evidence_invalid', 'no point of it is of that GPU and engine', {
    file: path,
    allowed: `points of ${gpu.name} under ${engine} with metrics of TTFT or TPOT`,
  });
}
