/** What the metrics of one kind of engine are called; of several names, the first that is there. */
export interface LoadNames {
  readonly running: readonly string[];
  readonly waiting: readonly string[];
  /** Share of the KV cache in use, 0 … 1. */
  readonly kvUsage: readonly string[];
  /** Labels of an info metric, or gauges of their own where no info metric is named. */
  readonly capacity: {
    readonly info?: string;
    readonly blockSize: string;
    readonly blocks: string;
  };
  /** Label that tells the data-parallel rank. */
  readonly rankLabel?: string;
}
