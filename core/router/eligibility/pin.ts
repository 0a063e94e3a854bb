/** What a caller may say about the worker that is to serve a request. */
export interface PinHints {
  readonly backendInstanceId?: number;
  readonly prefillWorkerId?: number;
  readonly decodeWorkerId?: number;
  readonly dpRank?: number;
  readonly prefillDpRank?: number;
}

/** The part of a request that is being routed. */
export type RoutePhase = 'prefill' | 'decode' | 'aggregated';

/** A worker, and its rank where one is named; `Router.targetOf` makes a target of them. */
export interface WorkerPin {
  readonly worker: number;
  readonly rank: number | undefined;
}

/**
 * The pin that the hints mean for a phase, undefined without one. What is said for the phase goes
 * before what is said for both.
 */
export function pinFor(phase: RoutePhase, hints: PinHints): WorkerPin | undefined {
  const { backendInstanceId, dpRank } = hints;
  const isPrefill = phase === 'prefill';
  const own = isPrefill ? hints.prefillWorkerId : hints.decodeWorkerId;
  const worker = own ?? backendInstanceId;
  if (worker === undefined) return undefined;
  return { worker, rank: isPrefill ? (hints.prefillDpRank ?? dpRank) : dpRank };
}
