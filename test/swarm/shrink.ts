import type { Flight } from './flight.ts';
import { drawFlight } from './mix.ts';

/** Whether a flight still breaks what the first one broke. */
export type StillBroken = (flight: Flight) => boolean;

/** Flights that are tried at most on the way to a smaller one. */
const TRIES = 250;

/**
 * A smaller flight that is broken in the same way: without features that do not matter, without keys
 * that do not, and with fewer requests. `most` flights are tried on the way.
 */
export function shrink(
  seed: number,
  mix: readonly string[],
  broken: StillBroken,
  most: number = TRIES,
): Flight {
  let tries = 0;
  const worse = (flight: Flight): boolean => tries++ < most && broken(flight);
  let kept = mix;
  for (const name of mix) {
    const without = kept.filter((other) => other !== name);
    if (worse(drawFlight(seed, without).flight)) kept = without;
  }
  const { flight } = drawFlight(seed, kept);
  // A config settles when it is flown.
  broken(flight);
  return withFewerKeys(withFewerRows(flight, worse), worse);
}

/** Takes away half of the rows, then a quarter, and so on, from wherever that can be done. */
function withFewerRows(flight: Flight, broken: StillBroken): Flight {
  let smallest = flight;
  for (let size = flight.rows.length >> 1; size >= 1; size >>= 1) {
    for (let from = 0; from + size <= smallest.rows.length; ) {
      const candidate = smallest.copy();
      candidate.rows.splice(from, size);
      if (candidate.rows.length > 0 && broken(candidate)) smallest = candidate;
      else from += size;
    }
  }
  return smallest;
}

function withFewerKeys(flight: Flight, broken: StillBroken): Flight {
  let smallest = flight;
  for (const key of flight.settings.keys()) {
    const candidate = smallest.copy();
    candidate.settings.delete(key);
    if (broken(candidate)) smallest = candidate;
  }
  return smallest;
}
