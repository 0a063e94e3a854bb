import { InputError } from '#core/base/errors.ts';
import { parameterCount } from '#core/perf/memory/weights.ts';
import type { Deployment } from '#core/perf/pass/deployment.ts';
import { truthOf } from '#sim/accuracy/truth.ts';
import type { MeasuredPoint } from '#sim/calibrate/fit-points.ts';
import { deploymentOfRow } from '#sim/estimate/measured/deployment-of-row.ts';
import { type MeasuredRow, readMeasuredRow } from '#sim/estimate/measured/measured-row.ts';
import { pointOfRow } from '#sim/estimate/measured/point-of-row.ts';
import { readTextLines } from '../text-lines.ts';

const SEED = 42;

/** Points that count, and how many rows were left out for which reasons. */
export interface PointEvidence {
  readonly points: readonly MeasuredPoint[];
  readonly leftOut?: string;
}

/**
 * Measured load points of a file that belong to a deployment: of its GPU, engine, model and TP.
 * Throws an InputError where none does, or with file and line where one cannot be read.
 */
export function readPoints(path: string, deployment: Deployment): PointEvidence {
  const points: MeasuredPoint[] = [];
  const reasons: string[] = [];
  for (const { text, line } of readTextLines(path)) {
    const row = readMeasuredRow(text, path, line);
    const { tpotMs, ttftMs } = truthOf(row);
    const isMeasured = tpotMs !== undefined || ttftMs !== undefined;
    const reason = foreignness(row, deployment);
    if (reason !== undefined) reasons.push(reason);
    else if (!isMeasured) reasons.push('without TTFT or TPOT');
    else {
      points.push({
        point: placed(path, line, () => pointOfRow(row, SEED)),
        ...(ttftMs !== undefined && { ttftMs }),
        ...(tpotMs !== undefined && { tpotMs }),
      });
    }
  }
  const leftOut = leftOutText(path, reasons, points.length + reasons.length);
  if (points.length > 0) return { points, ...(leftOut !== undefined && { leftOut }) };
  const { gpu, engine, model, tensorParallel } = deployment;
  throw new InputError('evidence_invalid', 'no point of it is of that deployment', {
    file: path,
    received: countsText(reasons),
    allowed: `points of ${model.name} on ${gpu.name} under ${engine} with TP ${tensorParallel} and metrics of TTFT or TPOT`,
  });
}

/** What is made of a line; what is wrong with it is said with file and line. */
function placed<T>(file: string, line: number, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(error.code, error.problem, { ...error.place, file, line });
  }
}

/**
 * What a row is of that the deployment is not; undefined where they are alike. What this program does
 * not know is not what it has been asked about.
 */
function foreignness(row: MeasuredRow, asked: Deployment): string | undefined {
  try {
    return differenceOf(deploymentOfRow(row), asked);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return 'of an unknown deployment';
  }
}

function differenceOf(own: Deployment, asked: Deployment): string | undefined {
  if (own.gpu.name !== asked.gpu.name) return 'of another GPU';
  if (own.engine !== asked.engine) return 'of another engine';
  if (!isSameModel(own, asked)) return 'of another model';
  const axis = AXES.find(([key]) => own[key] !== asked[key]);
  return axis && `of another ${axis[1]}`;
}

/** Ways of splitting a model, and what they are called. */
const AXES = [
  ['tensorParallel', 'TP'],
  ['pipelineParallel', 'PP'],
  ['dataParallel', 'DP'],
  ['expertParallel', 'EP'],
] as const;

/** A model by its config.json has a name of its own: as many parameters are the same model. */
function isSameModel({ model: own }: Deployment, { model: asked }: Deployment): boolean {
  return own.name === asked.name || parameterCount(own).all === parameterCount(asked).all;
}

function leftOutText(path: string, reasons: readonly string[], rows: number): string | undefined {
  if (reasons.length === 0) return undefined;
  return `${path}: ${reasons.length} of ${rows} rows left out: ${countsText(reasons)}`;
}

function countsText(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => `${count} ${reason}`).join(', ');
}
