import process from 'node:process';

/**
 * A signal to a whole group of processes, or to npm, comes once more from each that hands it on: what
 * comes within this time is the same one.
 */
const ECHO_MS = 500;

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** The wish that a server ends. */
export interface EndSignals {
  /** Aborts when somebody wants it to end. */
  readonly end: AbortSignal;
  /** Aborts when somebody wants that again, and at once; a signal after that ends the process. */
  readonly cut: AbortSignal;
}

/** Hears SIGTERM and SIGINT from now on, in place of the default by which they end the process. */
export function hearEndSignals(): EndSignals {
  const [end, cut] = [new AbortController(), new AbortController()];
  let echoesUntilMs = 0;
  const hear = (): void => {
    if (!end.signal.aborted) {
      echoesUntilMs = performance.now() + ECHO_MS;
      end.abort();
    } else if (performance.now() > echoesUntilMs) {
      for (const signal of SIGNALS) process.off(signal, hear);
      cut.abort();
    }
  };
  for (const signal of SIGNALS) process.on(signal, hear);
  return { end: end.signal, cut: cut.signal };
}
