/**
 * What a column of a journal line may hold. Ids have a limit, so that a damaged line is refused
 * instead of making tables of its size.
 */
export const COLUMN_KINDS = {
  request: { least: 0, most: 2 ** 26 - 1, whole: true },
  target: { least: -1, most: 2 ** 20 - 1, whole: true },
  node: { least: -1, most: 2 ** 26 - 1, whole: true },
  count: { least: 0, most: 2 ** 31 - 1, whole: true },
  /** Any whole number that a double holds exactly: nanoseconds, codes, −1 for none. */
  integer: { least: Number.MIN_SAFE_INTEGER, most: Number.MAX_SAFE_INTEGER, whole: true },
  number: { least: -Number.MAX_VALUE, most: Number.MAX_VALUE, whole: false },
} as const;

export type ColumnKind = keyof typeof COLUMN_KINDS;

/** One place in a journal line. */
export interface JournalColumn<Name extends string = string> {
  readonly name: Name;
  readonly kind: ColumnKind;
}

/** Whether a column may hold a value. */
export function fits(kind: ColumnKind, value: number): boolean {
  const { least, most, whole } = COLUMN_KINDS[kind];
  return value >= least && value <= most && (!whole || Number.isInteger(value));
}

/** What a column may hold, in words. */
export function allowedOf(kind: ColumnKind): string {
  const { least, most, whole } = COLUMN_KINDS[kind];
  return kind === 'number'
    ? 'a number'
    : `${whole ? 'a whole number' : 'a number'} from ${least} to ${most}`;
}
