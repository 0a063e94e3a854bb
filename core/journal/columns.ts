/** Which numbers a column may hold. */
export interface ColumnRange {
  readonly least: number;
  readonly most: number;
  readonly whole: boolean;
  /** It names a node of the forest, −1 = none. */
  readonly isNode: boolean;
}

/**
 * What a column of a journal line may hold. Ids have a limit, so that a damaged line is refused
 * instead of making tables of its size.
 */
const KINDS = {
  request: range(0, 2 ** 26 - 1),
  target: range(-1, 2 ** 20 - 1),
  node: { ...range(-1, 2 ** 26 - 1), isNode: true },
  count: range(0, 2 ** 31 - 1),
  /** Blocks of one node. */
  blocks: range(0, 2 ** 24 - 1),
  /** `TierCode`. */
  tier: range(0, 3),
  /** One of a few, as an outcome. */
  code: range(0, 255),
  /** What is asked of a prompt. */
  task: range(0, 2),
  /** Nanoseconds, 0 = none. */
  span: range(0, Number.MAX_SAFE_INTEGER),
  /** Any whole number that a double holds exactly: nanoseconds, codes, −1 for none. */
  integer: range(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  number: { ...range(-Number.MAX_VALUE, Number.MAX_VALUE), whole: false },
} as const;

export type ColumnKind = keyof typeof KINDS;

/** One place in a journal line. */
export interface JournalColumn<Name extends string = string> {
  readonly name: Name;
  readonly kind: ColumnKind;
}

/** The ranges of columns, in order. */
export function rangesOf(columns: readonly JournalColumn[]): readonly ColumnRange[] {
  return columns.map(({ kind }) => KINDS[kind]);
}

/** What a column may hold, in words. */
export function allowedOf(kind: ColumnKind): string {
  const { least, most, whole } = KINDS[kind];
  return whole ? `a whole number from ${least} to ${most}` : 'a number';
}

function range(least: number, most: number): ColumnRange {
  return { least, most, whole: true, isNode: false };
}
