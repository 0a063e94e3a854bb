import { expect, test } from 'vitest';
import { ERAS } from '#core/perf/host/host-time.ts';
import type { MeasuredRow } from '../estimate/measured/measured-row.ts';
import { engineOf, gpuClassOf, modelFamilyOf } from './groups.ts';
import type { JudgedPoint } from './judge.ts';
import { reportAccuracy } from './report.ts';
import { scoreOf } from './score.ts';
import { shapeErrorOf } from './shape.ts';
import { targetsOf } from './targets.ts';

/** Points of a made-up engine that takes `msPerRequest` for each running request. */
function rows(gpu: string, model: string, msPerRequest: number): MeasuredRow[] {
  return [1, 2, 4, 8, 16, 32].map((concurrency) => ({
    id: `${gpu}-${model}-${concurrency}`,
    family: 'made up',
    source: 'https://example.org/made-up',
    model,
    gpu,
    tp: 1,
    engine: 'vllm',
    engine_version: '0.11.0',
    workload: { kind: 'closed-loop', concurrency, isl: 128, osl: 64, num_prompts: 64 },
    metrics: { tpot_mean_ms: 8 + msPerRequest * concurrency, ttft_mean_ms: 40 },
  }));
}

const LLAMA = 'meta-llama/Llama-3.1-8B-Instruct';
const QWEN = 'Qwen/Qwen3-8B';
const measured = [
  ...rows('H100-SXM', LLAMA, 0.05),
  ...rows('A100-SXM-80GB', QWEN, 0.1),
  ...rows('H100-SXM', QWEN, 0.05),
];

test.each([
  ['H100-SXM-80GB', 'H100'],
  ['NVIDIA H200', 'H200'],
  ['h100-80GB (nvidia-h100-80gb)', 'H100'],
  ['A100 (memory size not in the row)', 'A100'],
  ['GB200', 'GB200'],
  ['L40S', 'L40S'],
])('%s is a GPU of class %s', (gpu, wanted) => {
  expect(gpuClassOf({ ...measured[0]!, gpu })).toBe(wanted);
});

test.each([
  ['meta-llama/Llama-2-7b-hf', 'llama'],
  ['Meta-Llama-3-8B', 'llama'],
  ['Qwen/Qwen3-32B', 'qwen'],
  ['mistralai/Mixtral-8x7B-v0.1', 'mixtral'],
])('%s is of the family %s', (model, family) => {
  expect(modelFamilyOf({ ...measured[0]!, model })).toBe(family);
});

test('engines are told apart by version', () => {
  expect(engineOf(measured[0]!)).toBe('vllm 0.11.0');
});

test('a score by hand', () => {
  expect(scoreOf([0.1, -0.3, 0.2])).toEqual({
    points: 3,
    median: 0.2,
    mean: expect.closeTo(0.2, 12),
    p90: 0.3,
    signed: 0.1,
  });
  expect(scoreOf([])).toBeUndefined();
});

test('a curve that is off by one factor has no shape error, one that bends has', () => {
  const curve = [1, 2, 4].map((measuredMs) => ({ measuredMs, predictedMs: 1.3 * measuredMs }));
  expect(shapeErrorOf(curve)).toBeCloseTo(0, 12);
  const bent = [
    { measuredMs: 1, predictedMs: Math.E },
    ...curve.map((p) => ({ ...p, predictedMs: p.measuredMs })),
  ];
  expect(shapeErrorOf(bent)).toBeCloseTo(1 / 4, 12);
});

test('the same rows give the same report, to the last bit', () => {
  expect(JSON.stringify(reportAccuracy(measured, 1))).toBe(
    JSON.stringify(reportAccuracy(measured, 1)),
  );
});

test('what is measured of a group moves no left-out prediction of it', () => {
  const slower = measured.map((row) =>
    row.gpu === 'A100-SXM-80GB'
      ? { ...row, metrics: { ...row.metrics, tpot_mean_ms: 3 * row.metrics!.tpot_mean_ms! } }
      : row,
  );
  const predicted = (all: readonly MeasuredRow[]) =>
    reportAccuracy(all, 1)
      .points.filter(({ gpuClass }) => gpuClass === 'A100')
      .map(({ row, answer }) => [row.id, answer!.leftOut.gpuClass.tpotMs])
      .sort();
  expect(predicted(slower)).toEqual(predicted(measured));
});

test('no shipped constant has a part in what is fitted or in how a point is judged', () => {
  const judged = () => {
    const { points, eras } = reportAccuracy(measured, 1);
    const left = points.map(({ row, answer }) => [row.id, answer!.leftOut, answer!.saturated]);
    return JSON.stringify([left.sort(), eras.map(({ fitted }) => fitted)]);
  };
  const before = judged();
  const era = ERAS.find(({ name }) => name === 'vllm 0.8')!;
  const kept = { ...era };
  try {
    Object.assign(era, { perPass: 3, perRequest: 0.5, perDraw: 0, frontend: 200 });
    expect(judged()).toBe(before);
  } finally {
    Object.assign(era, kept);
  }
});

test('the TTFT of saturated rows counts with all rows, and saturation by each left-out flight', () => {
  const queue = { ...measured[5]!.metrics, ttft_mean_ms: 400 };
  const { points, targets } = reportAccuracy(
    measured.map((row, index) => (index === 5 ? { ...row, metrics: queue } : row)),
    1,
  );
  const counted = (title: string) => targets.find((target) => target.title === title)!.points;
  expect(counted('mean TTFT, unsaturated rows')).toBe(17);
  expect(counted('mean TTFT, all rows')).toBe(18);
  expect(counted('saturated points recognised')).toBe(1);
  const calling = (gpuClass: boolean, modelFamily: boolean) => {
    const called = points.map(({ answer, ...point }): JudgedPoint => {
      return { ...point, answer: { ...answer!, saturated: { gpuClass, modelFamily } } };
    });
    return targetsOf(called).flatMap(({ title, figures }) =>
      /saturated points recognised|taken for saturated/.test(title) ? [figures[0]!.value] : [],
    );
  };
  expect(calling(true, true)).toEqual([100, 100]);
  expect(calling(true, false)).toEqual([0, 100]);
});

test('a row without an answer is listed first, with its reason, and lowers the coverage', () => {
  const report = reportAccuracy([...measured, { ...measured[0]!, id: 'z', model: 'acme/Foo' }], 1);
  expect(report.points[0]).toMatchObject({ row: { id: 'z' }, error: { code: 'model_unknown' } });
  expect([report.answered, report.asked]).toEqual([18, 19]);
  expect(report.targets.at(-1)!.figures[0]!.state).toBe('missed');
});

test("goals are judged on published rows alone, never on a user's own", () => {
  const { source: _, ...own } = measured[0]!;
  expect(reportAccuracy([own, ...measured.slice(1, 3)], 1).targets).toEqual([]);
});
