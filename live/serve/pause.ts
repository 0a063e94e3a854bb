import { msToNs } from '#core/base/time.ts';
import type { Timers } from '../clock.ts';

/** Resolves after a while, or at once when the signal aborts. */
export function pause(timers: Timers, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((done) => {
    const stop = (): void => {
      cancel();
      done();
    };
    const cancel = timers.after(msToNs(ms), () => {
      signal.removeEventListener('abort', stop);
      done();
    });
    signal.addEventListener('abort', stop, { once: true });
  });
}
