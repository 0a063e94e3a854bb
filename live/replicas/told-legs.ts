import type { Ns } from '#core/base/time.ts';
import { DueQueue } from '#core/router/replicas/due-queue.ts';
import { LATE_NS } from '#core/router/replicas/peer-requests.ts';
import type { ReplicaEvent } from './replica-event.ts';

/** A leg of which others were told. */
export interface ToldLeg {
  /** That it was added. */
  readonly added: ReplicaEvent;
  isPrefilled: boolean;
}

/**
 * What others were told and may have missed: legs that are active, and ends for as long as others
 * remember them. To tell all of it again changes nothing for whoever has heard it.
 */
export class ToldLegs {
  readonly #active = new Set<ToldLeg>();
  readonly #ended = new DueQueue<ReplicaEvent>(LATE_NS);

  begun(leg: ToldLeg): void {
    this.#active.add(leg);
  }

  /** `end`: what others were told of it. */
  ended(leg: ToldLeg, end: ReplicaEvent, nowNs: Ns): void {
    this.#active.delete(leg);
    this.#forget(nowNs);
    this.#ended.push(end, nowNs);
  }

  /** Everything that whoever has heard nothing for a while should hear. */
  again(nowNs: Ns): readonly ReplicaEvent[] {
    this.#forget(nowNs);
    const active = [...this.#active].flatMap(({ added, isPrefilled }): ReplicaEvent[] =>
      isPrefilled ? [added, { ...added, data: 'prefilled' }] : [added],
    );
    return [...this.#ended.waiting(), ...active];
  }

  #forget(nowNs: Ns): void {
    while (this.#ended.take(nowNs) !== undefined);
  }
}
