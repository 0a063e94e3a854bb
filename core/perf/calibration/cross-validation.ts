/** Relative errors of left-out observations, as shares. */
export interface ErrorSummary {
  readonly median: number;
  readonly mean: number;
  readonly p90: number;
  /** Median with its sign: above 0, too slow was predicted. */
  readonly bias: number;
}

/** Errors of the defaults, and of fits to other parts of the evidence. */
export interface ErrorsOfFit {
  readonly before: ErrorSummary;
  readonly after: ErrorSummary;
}

export interface CrossValidation extends ErrorsOfFit {
  readonly folds: number;
  /** The same for each kind of observation; absent where there is one kind. */
  readonly by?: Readonly<Record<string, ErrorsOfFit>>;
}

/** How observations are predicted with the defaults, and after a fit to others. */
export interface Validated<Row> {
  observed(row: Row): number;
  before(rows: readonly Row[]): Float64Array;
  after(others: readonly Row[], rows: readonly Row[]): Float64Array;
  /** What a row is an observation of, where a record holds several kinds. */
  kindOf?(row: Row): string;
}

/** Errors of all rows, and of those of each kind. */
class Errors {
  readonly #all: number[] = [];
  readonly #byKind = new Map<string, number[]>();

  add(error: number, kind: string | undefined): void {
    this.#all.push(error);
    if (kind === undefined) return;
    const errors = this.#byKind.get(kind);
    if (errors === undefined) this.#byKind.set(kind, [error]);
    else errors.push(error);
  }

  get kinds(): readonly string[] {
    return [...this.#byKind.keys()].sort();
  }

  summary(kind?: string): ErrorSummary {
    return summarise(kind === undefined ? this.#all : this.#byKind.get(kind)!);
  }
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
  const before = new Errors();
  const after = new Errors();
  for (let fold = 0; fold < FOLDS; fold++) {
    const left = rows.filter((_, index) => foldOf(index) === fold);
    const others = rows.filter((_, index) => foldOf(index) !== fold);
    if (left.length === 0 || others.length === 0) continue;
    addErrors(before, by.before(left), left, by);
    addErrors(after, by.after(others, left), left, by);
  }
  const both = (kind?: string): ErrorsOfFit => ({
    before: before.summary(kind),
    after: after.summary(kind),
  });
  const { kinds } = after;
  const byKind = Object.fromEntries(kinds.map((kind) => [kind, both(kind)]));
  return { folds: FOLDS, ...both(), ...(kinds.length > 0 && { by: byKind }) };
}

function addErrors<Row>(
  errors: Errors,
  predicted: Float64Array,
  rows: readonly Row[],
  { observed, kindOf }: Validated<Row>,
): void {
  rows.forEach((row, index) => {
    errors.add(predicted[index]! / observed(row) - 1, kindOf?.(row));
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
