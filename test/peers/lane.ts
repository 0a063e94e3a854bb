export interface Verdict {
  readonly passed: boolean;
  /** How it went; of a lane that cannot run here, why. */
  readonly text: string;
}

/** One comparison with something real, too slow or too particular about its machine for every test run. */
export interface Lane {
  readonly name: string;
  readonly run: (options: readonly string[]) => Verdict | Promise<Verdict>;
}
