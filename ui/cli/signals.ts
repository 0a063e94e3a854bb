import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * From now on a signal waits until the work that holds the thread is done, and ends the process
 * then. Returns what restores the default, by which a signal ends the process at once; one that came
 * meanwhile is heard first.
 */
export function deferSignals(): () => void {
  const handlers = SIGNALS.map((signal) => {
    const end = (): never => process.exit(128 + constants.signals[signal]);
    process.once(signal, end);
    return { signal, end };
  });
  const restore = (): void => {
    for (const { signal, end } of handlers) process.off(signal, end);
  };
  // Signals are heard when the event loop polls, which an immediate comes right after.
  return () => void setImmediate(restore);
}
