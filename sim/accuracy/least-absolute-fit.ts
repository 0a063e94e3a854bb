/** One equation that the constants should fulfil: Σ features · constants = target. */
export interface Equation {
  readonly features: readonly number[];
  readonly target: number;
  /** What an error is relative to: errors of all equations are comparable after division by it. */
  readonly scale: number;
}

/** A constant before anything is known of it. */
export interface Prior {
  readonly value: number;
  /** A plausible distance from the value; the smaller, the more evidence it takes to get away. */
  readonly spread: number;
}

const ROUNDS = 40;
const SWEEPS = 100;

/** Relative errors below this count as equal, so that no single equation is met exactly. */
const LEAST_ERROR = 0.01;

/** Weight of a constant that is one spread off, in equations that are off by all their scale. */
const RIDGE = 0.25;

/**
 * Constants, none negative, with the least sum of absolute relative errors, drawn towards their
 * priors where the equations say little. Iteratively reweighted least squares; each round is solved
 * by coordinate descent, in a fixed number of steps, so that the same equations in the same order
 * give the same bits.
 */
export function fitLeastAbsolute(
  equations: readonly Equation[],
  priors: readonly Prior[],
): number[] {
  const constants = priors.map(({ value }) => value);
  for (let round = 0; round < ROUNDS; round++) solveRound(equations, priors, constants);
  return constants;
}

function solveRound(
  equations: readonly Equation[],
  priors: readonly Prior[],
  constants: number[],
): void {
  const size = priors.length;
  const matrix = priors.map(({ spread }, row) =>
    priors.map((_, column) => (row === column ? RIDGE / spread ** 2 : 0)),
  );
  const right = priors.map(({ value, spread }) => (RIDGE * value) / spread ** 2);
  for (const { features, target, scale } of equations) {
    const error = Math.abs(dot(features, constants) - target) / scale;
    const weight = 1 / Math.max(error, LEAST_ERROR) / scale ** 2;
    for (let row = 0; row < size; row++) {
      right[row]! += weight * features[row]! * target;
      for (let column = 0; column < size; column++) {
        matrix[row]![column]! += weight * features[row]! * features[column]!;
      }
    }
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let row = 0; row < size; row++) {
      const others = dot(matrix[row]!, constants) - matrix[row]![row]! * constants[row]!;
      constants[row] = Math.max(0, (right[row]! - others) / matrix[row]![row]!);
    }
  }
}

function dot(left: readonly number[], right: readonly number[]): number {
  let sum = 0;
  for (let index = 0; index < left.length; index++) sum += left[index]! * right[index]!;
  return sum;
}
