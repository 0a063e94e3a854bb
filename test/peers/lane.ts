export interface Verdict {
  readonly passed: boolean;
  readonly text: string;
}

/** One comparison with something real, too slow or too particular about its machine for every test run. */
export interface Lane {
  readonly name: string;
  /**
   * Some of its peers listen on every interface whatever they are told: where the machine allows it
   * the lane gets a network of its own, with nothing but loopback in it.
   */
  readonly isApart?: true;
  /**
   * Fetches what is missing, while the registries can be reached; `isNamed`: the lane was asked for by
   * its name. Throws `CannotRun` where that fails, or would be too much to fetch unasked.
   */
  readonly prepare?: (isNamed: boolean) => void;
  /** Throws `CannotRun` where this machine lacks something. */
  readonly run: (options: readonly string[]) => Verdict | Promise<Verdict>;
}
