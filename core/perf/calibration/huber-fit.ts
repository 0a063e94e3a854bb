/** One unknown of a fit and what is known of it beforehand: a normal prior, and a floor. */
export interface Unknown {
  readonly prior: number;
  readonly spread: number;
  readonly least: number;
}

/** A fit: the values, and how sure it is of each. */
export interface Fit {
  readonly values: readonly number[];
  /** Standard deviation of each value that evidence and prior together leave. */
  readonly deviations: readonly number[];
  /** Typical relative error of one observation: 1.4826 times the median absolute one. */
  readonly scale: number;
}

/** Predictions for every observation, all above 0. */
export type Predict = (values: readonly number[]) => Float64Array;

/** Where a fit begins and when it must end. */
export interface FitOptions {
  readonly start?: readonly number[];
  readonly rounds?: number;
  /** Of which kind each observation is, from 0: kinds that are less certain pull less. */
  readonly kinds?: ArrayLike<number>;
  /** Slopes are taken over so much of a spread: more where predictions jump, as those of flights do. */
  readonly slopeShare?: number;
}

/** Beyond so many scales an observation pulls no harder; 95 % efficient where errors are normal. */
const HUBER = 1.345;
const LEAST_SCALE = 0.001;
const MOST_ROUNDS = 40;
const CONVERGED = 1e-6;
const SLOPE_SHARE = 1e-4;

/**
 * Fits `predict` to `observed` by iteratively reweighted least squares with Huber's weights on
 * relative errors, log(observed / predicted), and a normal prior on each unknown. Gauss and
 * Newton with numeric slopes and halved steps: deterministic. Source: Huber, Robust Estimation of a
 * Location Parameter (1964); Holland and Welsch (1977) for the weights' iteration.
 */
export function huberFit(
  predict: Predict,
  observed: ArrayLike<number>,
  unknowns: readonly Unknown[],
  options: FitOptions = {},
): Fit {
  const { rounds = MOST_ROUNDS, kinds, slopeShare = SLOPE_SHARE } = options;
  let values = options.start ?? unknowns.map(({ prior }) => prior);
  let predicted = predict(values);
  let scales = scalesOf(predicted, observed, kinds);
  const equationsHere = () =>
    normalEquations(predict, values, predicted, observed, scales, unknowns, slopeShare);
  for (let round = 0; round < rounds; round++) {
    const { hessian, gradient } = equationsHere();
    const step = solve(hessian, gradient);
    const before = cost(predicted, observed, scales, values, unknowns);
    let length = 1;
    let next = moved(values, step, length, unknowns);
    let nextPredicted = predict(next);
    while (length > 1 / 64 && cost(nextPredicted, observed, scales, next, unknowns) > before) {
      length /= 2;
      next = moved(values, step, length, unknowns);
      nextPredicted = predict(next);
    }
    if (cost(nextPredicted, observed, scales, next, unknowns) > before) break;
    const change = Math.max(
      ...next.map((value, index) => Math.abs(value - values[index]!) / unknowns[index]!.spread),
    );
    values = next;
    predicted = nextPredicted;
    scales = scalesOf(predicted, observed, kinds);
    if (change < CONVERGED) break;
  }
  const { hessian } = equationsHere();
  return { values, deviations: deviationsOf(hessian), scale: scaleOf(predicted, observed) };
}

function moved(
  values: readonly number[],
  step: readonly number[],
  length: number,
  unknowns: readonly Unknown[],
): number[] {
  return values.map((value, index) =>
    Math.max(unknowns[index]!.least, value + length * step[index]!),
  );
}

function scaleOf(predicted: Float64Array, observed: ArrayLike<number>): number {
  const errors = predicted.map((value, row) => Math.abs(Math.log(observed[row]! / value))).sort();
  return Math.max(LEAST_SCALE, 1.4826 * (errors[Math.floor(errors.length / 2)] ?? 0));
}

/** The scale of each observation's kind. */
function scalesOf(
  predicted: Float64Array,
  observed: ArrayLike<number>,
  kinds: ArrayLike<number> = new Uint8Array(predicted.length),
): Float64Array {
  const scales = new Map<number, number>();
  for (const kind of new Set(Array.from(kinds))) {
    const rows = [...predicted.keys()].filter((row) => kinds[row] === kind);
    const ofKind = rows.map((row) => observed[row]!);
    scales.set(
      kind,
      scaleOf(
        Float64Array.from(rows, (row) => predicted[row]!),
        ofKind,
      ),
    );
  }
  return predicted.map((_, row) => scales.get(kinds[row]!)!);
}

function cost(
  predicted: Float64Array,
  observed: ArrayLike<number>,
  scales: Float64Array,
  values: readonly number[],
  unknowns: readonly Unknown[],
): number {
  let sum = 0;
  for (let row = 0; row < predicted.length; row++) {
    const error = Math.abs(Math.log(observed[row]! / predicted[row]!)) / scales[row]!;
    sum += error <= HUBER ? (error * error) / 2 : HUBER * (error - HUBER / 2);
  }
  for (let index = 0; index < values.length; index++) {
    const { prior, spread } = unknowns[index]!;
    sum += ((values[index]! - prior) / spread) ** 2 / 2;
  }
  return sum;
}

interface NormalEquations {
  readonly hessian: number[][];
  readonly gradient: number[];
}

function normalEquations(
  predict: Predict,
  values: readonly number[],
  predicted: Float64Array,
  observed: ArrayLike<number>,
  scales: Float64Array,
  unknowns: readonly Unknown[],
  slopeShare: number,
): NormalEquations {
  const slopes = values.map((value, index) => {
    const nudge = slopeShare * unknowns[index]!.spread;
    const nudged = predict(values.with(index, value + nudge));
    return nudged.map((each, row) => (each - predicted[row]!) / nudge / predicted[row]!);
  });
  const hessian = values.map((_, index) =>
    values.map((__, other) => (index === other ? 1 / unknowns[index]!.spread ** 2 : 0)),
  );
  const gradient = values.map(
    (value, index) => (unknowns[index]!.prior - value) / unknowns[index]!.spread ** 2,
  );
  for (let row = 0; row < predicted.length; row++) {
    const error = Math.log(observed[row]! / predicted[row]!);
    const scale = scales[row]!;
    const weight = Math.min(1, (HUBER * scale) / Math.max(Math.abs(error), 1e-12)) / scale ** 2;
    for (let index = 0; index < values.length; index++) {
      const slope = weight * slopes[index]![row]!;
      gradient[index]! += slope * error;
      for (let other = 0; other < values.length; other++) {
        hessian[index]![other]! += slope * slopes[other]![row]!;
      }
    }
  }
  return { hessian, gradient };
}

/** Gauss's elimination of a small positive definite system. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, index) => [...row, right[index]!]);
  const size = rows.length;
  for (let pivot = 0; pivot < size; pivot++) {
    for (let below = pivot + 1; below < size; below++) {
      const factor = rows[below]![pivot]! / rows[pivot]![pivot]!;
      for (let at = pivot; at <= size; at++) rows[below]![at]! -= factor * rows[pivot]![at]!;
    }
  }
  const solution = new Array<number>(size).fill(0);
  for (let row = size - 1; row >= 0; row--) {
    let sum = rows[row]![size]!;
    for (let at = row + 1; at < size; at++) sum -= rows[row]![at]! * solution[at]!;
    solution[row] = sum / rows[row]![row]!;
  }
  return solution;
}

/** Roots of the diagonal of the inverse. */
function deviationsOf(hessian: readonly (readonly number[])[]): number[] {
  return hessian.map((_, index) => {
    const unit = hessian.map((__, other) => (other === index ? 1 : 0));
    return Math.sqrt(Math.max(0, solve(hessian, unit)[index]!));
  });
}
