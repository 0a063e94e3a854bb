import { InputError } from '#core/base/errors.ts';
import type { LinePlace } from './fields.ts';

/** What a trace states that the user's choice contradicts, so that one error tells of both. */
export interface BlockChoice {
  readonly stated: number;
  readonly chosen: number | undefined;
}

const REMEDY = "choose arrivals that are not the trace's: --request-rate or --concurrency";

/**
 * Refuses a trace that cannot arrive by its own times, since it has none. A block size that does not
 * fit either is told with it; `allowed` then holds the one that the file states.
 */
export function refuseUntimed(problem: string, place: LinePlace, blocks?: BlockChoice): never {
  const { stated, chosen = stated } = blocks ?? { stated: 0, chosen: undefined };
  if (chosen === stated)
    throw new InputError('trace_untimed', problem, { ...place, remedy: REMEDY });
  throw new InputError('trace_untimed', `${problem}, and its blocks are of ${stated} tokens`, {
    ...place,
    received: `a trace block size of ${chosen}`,
    allowed: String(stated),
    remedy: `leave the block size out, and ${REMEDY}`,
  });
}
