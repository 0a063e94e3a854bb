import type { Ns } from '#core/base/time.ts';
import type { Clock } from '../clock.ts';
import type { Journey } from './journey.ts';
import type { RouteCounts } from './route-counts.ts';
import type { Decision, RouterPool } from './router-pool.ts';

/** What a router has decided, and how long the request waited in its queue. */
export interface FoundDecision {
  readonly decision: Decision;
  readonly queuedNs: Ns;
}

/**
 * Tells the router of a pool of a request whose query is filled in, and waits for what it decides.
 * Rejects with the signal's reason when that aborts before; the router has forgotten the request then.
 */
export function awaitDecision(
  journey: Journey,
  pool: RouterPool,
  { clock, counts }: { readonly clock: Clock; readonly counts: RouteCounts },
  signal: AbortSignal,
): Promise<FoundDecision> {
  return new Promise((resolve, reject) => {
    const askedNs = clock.nowNs();
    const leave = (): void => {
      journey.booked.delete(pool);
      pool.forget(journey.request);
      counts.left();
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', leave, { once: true });
    journey.booked.add(pool);
    try {
      pool.arrive(journey.query, (decision) => {
        signal.removeEventListener('abort', leave);
        const queuedNs = decision.queued ? clock.nowNs() - askedNs : 0;
        resolve({ decision, queuedNs });
      });
    } catch (error) {
      // The journey is over by the time that its client leaves, and its number another's.
      signal.removeEventListener('abort', leave);
      throw error;
    }
  });
}
