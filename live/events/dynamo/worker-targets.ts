import { xxh3_64 } from '#core/tokens/xxh3.ts';
import type { TargetOfWorker } from './plane-index.ts';
import type { PlaneWorker } from './plane-writer.ts';

/** Ids that follow from names stay below 2^53, as those of Dynamo's publishers do. */
const OWN_ID_BITS = 53;

/** An engine of ours as a worker of the event plane. */
export interface PlaneEngine {
  readonly name: string;
  /** Its id as digits; one that follows from its name when absent. */
  readonly workerId: string | undefined;
  /** Target of its rank 0; the others follow in a row. */
  readonly target: number;
  readonly dpSize: number;
  /** Whether what the plane says of it counts: it does not tell its events itself. */
  readonly isFollowed: boolean;
}

/** Which worker of the event plane each target is, and the other way round. */
export class WorkerTargets {
  readonly #followed = new Map<string, number>();
  readonly #workers = new Map<number, PlaneWorker>();

  join({ name, workerId, target, dpSize, isFollowed }: PlaneEngine): void {
    const worker = workerId === undefined ? workerIdOf(name) : BigInt(workerId);
    for (let rank = 0; rank < dpSize; rank++) {
      this.#workers.set(target + rank, { worker, rank });
      if (isFollowed) this.#followed.set(`${worker} ${rank}`, target + rank);
    }
  }

  leave({ target, dpSize }: Pick<PlaneEngine, 'target' | 'dpSize'>): void {
    for (let rank = 0; rank < dpSize; rank++) {
      const place = this.#workers.get(target + rank);
      this.#workers.delete(target + rank);
      if (place !== undefined) this.#followed.delete(`${place.worker} ${place.rank}`);
    }
  }

  readonly targetOf: TargetOfWorker = (worker, rank) => this.#followed.get(`${worker} ${rank}`);

  readonly workerOf = (target: number): PlaneWorker | undefined => this.#workers.get(target);
}

/** The id of an engine that has none: the same wherever an engine is called so. */
export function workerIdOf(name: string): bigint {
  return BigInt.asUintN(OWN_ID_BITS, xxh3_64(new TextEncoder().encode(name)));
}
