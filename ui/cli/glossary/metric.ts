/** What a report's number means. */
export interface Metric {
  /** Path in the report's JSON; a distribution is the object that holds mean, p50, … n. */
  readonly key: string;
  /** The short name that people use. */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly unit: string;
  readonly definition: string;
  readonly formula: string;
  /** What it is mistaken for, and how to tell. */
  readonly confusedWith?: string;
}
