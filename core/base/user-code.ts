import { InputError, type Place } from './errors.ts';

/** A file from which functions of a user come, and where in it they stand, as far as known. */
export interface UserSource {
  readonly file: string;
  /** Where a function, or whatever else the file holds, is written. */
  placeOf(code: unknown): Place;
  /** Where an error arose that a function of the file threw. */
  placeOfError(error: unknown): Place;
}

/** One call of a user's function, for messages. */
export interface UserCall {
  readonly source: UserSource;
  /** What the function is in its file, such as `selection.scorers[0].score`. */
  readonly path: string;
  readonly code: unknown;
  /** What it was asked about, such as `request 17, worker 3`. */
  readonly about: string;
}

/** A user's function threw: the error of the call, at the line that threw. */
export function callThrew(call: UserCall, error: unknown): InputError {
  if (error instanceof InputError) return error;
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new InputError('policy_invalid', `threw for ${call.about}: ${reason}`, {
    ...call.source.placeOf(call.code),
    ...call.source.placeOfError(error),
    path: call.path,
  });
}

/** A user's function returned what cannot be used: the error of the call, at the function. */
export function callReturned(call: UserCall, received: unknown, allowed: string): InputError {
  // What it rejects with later is of no account any more, and must not end the process unsaid.
  const late = isThenable(received);
  if (late) received.then(undefined, () => undefined);
  return new InputError('policy_invalid', `returned nonsense for ${call.about}`, {
    ...call.source.placeOf(call.code),
    path: call.path,
    received: describeValue(received),
    allowed,
    ...(late && { remedy: 'policies are synchronous: leave async out' }),
  });
}

/** Errors are shown in JSON, which has no word for much of what a function may return. */
export function describeValue(received: unknown): unknown {
  if (typeof received === 'number' || received === undefined) return received;
  if (typeof received === 'function') return 'a function';
  if (isThenable(received)) return 'a Promise';
  if (ArrayBuffer.isView(received)) return Array.from(received as unknown as ArrayLike<number>);
  try {
    return JSON.parse(JSON.stringify(received));
  } catch {
    return String(received);
  }
}

interface Thenable {
  then(kept: undefined, broken: () => undefined): unknown;
}

/** What an async function returns, by the one thing that is asked of it. */
function isThenable(value: unknown): value is Thenable {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}
