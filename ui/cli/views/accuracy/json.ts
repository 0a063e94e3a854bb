import type { JudgedPoint } from '#sim/accuracy/judge.ts';
import type { AccuracyReport, GroupScore } from '#sim/accuracy/report.ts';
import type { Score } from '#sim/accuracy/score.ts';
import { SCORED, type ScoredMetric, type Truth } from '#sim/accuracy/truth.ts';

const KEYS: Readonly<Record<ScoredMetric, string>> = {
  tpotMs: 'tpot_ms',
  ttftMs: 'ttft_ms',
  e2eMs: 'e2e_ms',
  outputTokensPerS: 'output_throughput_tok_s',
};

/** A report for programs; errors are relative, 0.1 is ten percent too long or too much. */
export function accuracyJson(report: AccuracyReport): string {
  const groups = Object.entries(report.groups).map(([by, scores]) => [by, scores.map(groupOf)]);
  const whole = {
    asked: report.asked,
    answered: report.answered,
    suspect: report.suspect,
    targets: report.targets,
    all: groupOf(report.all),
    by: Object.fromEntries(groups),
    curves: report.curves.map(({ title, shapeError, points }) => ({
      title,
      shape_error: shapeError,
      points: points.map(({ load, measuredMs, predictedMs }) => ({
        load,
        measured_tpot_ms: measuredMs,
        predicted_tpot_ms: predictedMs,
      })),
    })),
    host_constants_ms: report.eras,
    points: report.points.map(pointOf),
  };
  return `${JSON.stringify(whole, undefined, 2)}\n`;
}

function named<T, U>(
  values: Partial<Readonly<Record<ScoredMetric, T>>>,
  change: (value: T) => U,
): Record<string, U> {
  const out: Record<string, U> = {};
  for (const metric of SCORED) {
    const value = values[metric];
    if (value !== undefined) out[KEYS[metric]] = change(value);
  }
  return out;
}

const same = (value: number): number => value;

function groupOf({ name, asked, answered, scores, shapeError }: GroupScore) {
  const errors = named(scores, (score: Score) => score);
  return {
    name,
    asked,
    answered,
    errors,
    ...(shapeError !== undefined && { shape_error: shapeError }),
  };
}

function pointOf({ row, measured, suspect, error, answer }: JudgedPoint) {
  const figures = (truth: Truth) => named(truth, same);
  return {
    id: row.id,
    ...(row.family !== undefined && { source: row.family }),
    model: row.model,
    gpu: row.gpu,
    tp: row.tp,
    engine: row.engine,
    ...(row.engine_version != null && { engine_version: row.engine_version }),
    workload: row.workload,
    ...(suspect !== undefined && { suspect }),
    ...(error && { error }),
    measured: figures(measured),
    ...(answer && {
      predicted: {
        without_gpu_class: figures(answer.leftOut.gpuClass),
        without_model_family: figures(answer.leftOut.modelFamily),
      },
      predicted_as_shipped: figures(answer.shipped),
      errors: {
        without_gpu_class: named(answer.errors.gpuClass, same),
        without_model_family: named(answer.errors.modelFamily, same),
      },
      errors_as_shipped: named(answer.shippedErrors, same),
      saturated: {
        without_gpu_class: answer.saturated.gpuClass,
        without_model_family: answer.saturated.modelFamily,
      },
      measured_saturated: answer.measuredSaturated,
      provenance: answer.provenance,
      binds: answer.binds,
      running_requests: answer.running,
    }),
  };
}
