import { randomFillSync } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { LegWitness } from '../routing/live-placement.ts';
import type { BegunLeg } from '../routing/live-router.ts';
import { idText } from './peer-hearing.ts';
import type { AddedRequest, ReplicaEvent } from './replica-event.ts';
import { type ToldLeg, ToldLegs } from './told-legs.ts';
import type { WorkerIds } from './worker-ids.ts';

export interface OwnLegsOptions {
  /** What others call this router. */
  readonly ownId: bigint;
  readonly workers: WorkerIds;
  readonly clock: Clock;
  readonly push: (event: ReplicaEvent) => void;
}

/** Tells others of the legs of one's own requests, as they are booked here. */
export class OwnLegs {
  readonly #ownId: bigint;
  readonly #workers: WorkerIds;
  readonly #clock: Clock;
  readonly #push: (event: ReplicaEvent) => void;
  readonly #told = new ToldLegs();
  #count = 0;

  constructor({ ownId, workers, clock, push }: OwnLegsOptions) {
    this.#ownId = ownId;
    this.#workers = workers;
    this.#clock = clock;
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
    const told: ToldLeg = { added: { ...event, data: added }, isPrefilled: false };
    this.#told.begun(told);
    this.#push(told.added);
    return {
      firstToken: () => {
        told.isPrefilled = true;
        this.#push({ ...event, data: 'prefilled' });
      },
      ended: () => {
        const end: ReplicaEvent = { ...event, data: 'freed' };
        this.#told.ended(told, end, this.#clock.nowNs());
        this.#push(end);
      },
    };
  };

  /** Somebody has heard nothing so far, or for a while. */
  tellAgain(): void {
    for (const event of this.#told.again(this.#clock.nowNs())) this.#push(event);
  }
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
