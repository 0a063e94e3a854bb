/** Relative errors of left-out observations, as shares. */
export interface ErrorSummary {
  readonly median: number;
  readonly mean: number;
  readonly p90: number;
  /** Median with its sign: above 0, too slow was predicted. */
  readonly bias: number;
}

/** Errors of the defaults, and of fits to other parts of the evidence. */
export interface CrossValidation {
  readonly folds: number;
  readonly before: ErrorSummary;
  readonly after: ErrorSummary;
}

/** How observations are predicted with the defaults, and after a fit to others. */
export interface Validated<Row> {
  observed(row: Row): number;
  before(rows: readonly Row[]): Float64Array;
  after(others: readonly Row[], rows: readonly Row[]): Float64Array;
}

const FOLDS = 5;

/** Fewer neighbours than this are no part of their own. */
const STRIPES_PER_FOLD = 4;

/**
 * Predicts each fifth of the evidence from the other four. A fifth is made of stretches from all
 * over the record: neighbours share the moment's noise and stay together.
 */
export function crossValidate<Row>(rows: readonly Row[], by: Validated<Row>): CrossValidation {
  const stripe = Math.max(1, Math.ceil(rows.length / (FOLDS * STRIPES_PER_FOLD)));
  const foldOf = (index: number): number => Math.floor(index / stripe) % FOLDS;
  const before: number[] = [];
  const after: number[] = [];
  for (let fold = 0; fold < FOLDS; fold++) {
    const left = rows.filter((_, index) => foldOf(index) === fold);
    const others = rows.filter((_, index) => foldOf(index) !== fold);
    if (left.length === 0 || others.length === 0) continue;
    addErrors(before, by.before(left), left, by);
    addErrors(after, by.after(others, left), left, by);
  }
  return { folds: FOLDS, before: summarise(before), after: summarise(after) };
}

function addErrors<Row>(
  errors: number[],
  predicted: Float64Array,
  rows: readonly Row[],
  { observed }: Validated<Row>,
): void {
  rows.forEach((row, index) => {
    errors.push(predicted[index]! / observed(row) - 1);
  });
}

/** Sums relative errors up. Without any, every figure is NaN. */
export function summarise(errors: readonly number[]): ErrorSummary {
  const signed = errors.toSorted((a, b) => a - b);
  const sizes = errors.map(Math.abs).sort((a, b) => a - b);
  const rank = (sorted: readonly number[], share: number) =>
    sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN;
  return {
    median: rank(sizes, 0.5),
    mean: sizes.reduce((sum, size) => sum + size, 0) / sizes.length,
    p90: rank(sizes, 0.9),
    bias: rank(signed, 0.5),
  };
}
