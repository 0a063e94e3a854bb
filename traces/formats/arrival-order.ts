import { InputError } from '#core/base/errors.ts';
import { type LinePlace, MAX_SPAN_MS } from './fields.ts';

/** The last turn seen of a session. */
interface SessionState {
  timestampMs: number;
  line: number;
}

/**
 * Compares the times of a trace's rows with each other. First turns (and rows without a session)
 * arrive at their timestamp, so these may not go back; later turns follow the turn before them
 * after `delay`, or after the difference of the two timestamps.
 */
export class ArrivalOrder {
  readonly #requireTimestamps: boolean;
  readonly #sessions = new Map<string, SessionState>();
  #firstMs = Number.NaN;
  #lastMs = Number.NEGATIVE_INFINITY;
  #lastLine = 0;

  constructor(requireTimestamps: boolean) {
    this.#requireTimestamps = requireTimestamps;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  /** Takes the times of the next row (NaN = it has none); throws an InputError when they do not fit. */
  check(
    sessionId: string | undefined,
    timestampMs: number,
    delayMs: number,
    place: LinePlace,
  ): void {
    const session = sessionId === undefined ? undefined : this.#sessions.get(sessionId);
    if (session === undefined) {
      this.#checkFirstTurn(timestampMs, delayMs, place);
      if (sessionId !== undefined) this.#sessions.set(sessionId, { timestampMs, line: place.line });
      return;
    }
    checkLaterTurn(session, timestampMs, delayMs, place);
    this.#checkSpan(timestampMs, place);
    session.timestampMs = timestampMs;
    session.line = place.line;
  }

  #checkFirstTurn(timestampMs: number, delayMs: number, place: LinePlace): void {
    if (delayMs > 0) {
      throw new InputError('trace_invalid', 'a delay on a first turn has no turn to follow', {
        ...place,
        path: 'delay',
        received: delayMs,
        remedy:
          'use timestamp for the arrival of a first turn, or give the session_id of the turn before',
      });
    }
    if (Number.isNaN(timestampMs)) {
      if (!this.#requireTimestamps) return;
      throw new InputError('trace_invalid', 'the first turn of a session has no timestamp', {
        ...place,
        path: 'timestamp',
        remedy:
          "add its arrival in milliseconds, or choose arrivals that are not the trace's (workload.arrivals, workload.concurrency)",
      });
    }
    if (timestampMs < this.#lastMs) {
      throw new InputError('trace_unordered', 'time goes back', {
        ...place,
        path: 'timestamp',
        received: `${timestampMs} after ${this.#lastMs} in line ${this.#lastLine}`,
        remedy: 'sort the rows by timestamp',
      });
    }
    this.#checkSpan(timestampMs, place);
    this.#lastMs = timestampMs;
    this.#lastLine = place.line;
  }

  #checkSpan(timestampMs: number, place: LinePlace): void {
    if (Number.isNaN(this.#firstMs)) this.#firstMs = timestampMs;
    if (timestampMs - this.#firstMs <= MAX_SPAN_MS || Number.isNaN(timestampMs)) return;
    throw new InputError('trace_invalid', 'more than 104 days after the first arrival', {
      ...place,
      path: 'timestamp',
      received: timestampMs,
      remedy: 'timestamps are milliseconds; divide them if they are in smaller units',
    });
  }
}

function checkLaterTurn(
  previous: SessionState,
  timestampMs: number,
  delayMs: number,
  place: LinePlace,
): void {
  if (!Number.isNaN(delayMs)) return;
  if (Number.isNaN(timestampMs) || Number.isNaN(previous.timestampMs)) {
    throw new InputError('trace_invalid', 'no delay, and no two timestamps to take it from', {
      ...place,
      path: 'delay',
      remedy: `add delay in milliseconds, or a timestamp here and in line ${previous.line}`,
    });
  }
  if (timestampMs >= previous.timestampMs) return;
  throw new InputError('trace_unordered', 'time goes back within the session', {
    ...place,
    path: 'timestamp',
    received: `${timestampMs} after ${previous.timestampMs} in line ${previous.line}`,
    remedy: 'sort the turns of a session by timestamp, or give their delay',
  });
}
