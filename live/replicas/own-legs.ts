import { randomFillSync } from 'node:crypto';
import type { LegWitness } from '../routing/live-placement.ts';
import type { BegunLeg } from '../routing/live-router.ts';
import { idText } from './peer-hearing.ts';
import type { AddedRequest, ReplicaEvent } from './replica-event.ts';
import type { WorkerIds } from './worker-ids.ts';

/** Tells others of the legs of one's own requests, as they are booked here. */
export class OwnLegs {
  readonly #ownId: bigint;
  readonly #workers: WorkerIds;
  readonly #push: (event: ReplicaEvent) => void;
  #count = 0;

  constructor(ownId: bigint, workers: WorkerIds, push: (event: ReplicaEvent) => void) {
    this.#ownId = ownId;
    this.#workers = workers;
    this.#push = push;
  }

  /** A leg begins; nobody is told of one that is no load. Each has an id of its own. */
  readonly begun = (leg: BegunLeg): LegWitness | undefined => {
    const added = bookedFor(leg);
    if (added === undefined) return undefined;
    const event = {
      id: `${idText(this.#ownId)}-${this.#count++}`,
      worker: this.#workers.of(leg.engine),
      rank: leg.rank,
      router: this.#ownId,
      loraName: leg.journey.ask.loraName,
    };
    const push = this.#push;
    push({ ...event, data: added });
    return {
      firstToken: () => push({ ...event, data: 'prefilled' }),
      ended: () => push({ ...event, data: 'freed' }),
    };
  };
}

/** What the router has booked: shared blocks by their names, others by names that nobody else has. */
function bookedFor({ journey, pool }: BegunLeg): AddedRequest | undefined {
  const load = pool.router.sequences.loadOf(journey.request);
  if (load === undefined) return undefined;
  const shared = load.leaf < 0 ? [] : Array.from(journey.ask.prompt.hashes);
  const alone = randomFillSync(new BigUint64Array(load.privateBlocks));
  const { expectedOutputTokens } = journey.query;
  return {
    hashes: pool.options.trackActiveBlocks ? [...shared, ...alone] : undefined,
    tracksPrefill: pool.options.trackPrefillTokens,
    expectedOutputTokens: expectedOutputTokens > 0 ? expectedOutputTokens : undefined,
    prefillTokens: load.prefillTokens,
    expectedPrefillNs: undefined,
  };
}
