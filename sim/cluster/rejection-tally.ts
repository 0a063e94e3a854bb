import type { LimitKind, QueueRejection } from '#core/router/queue/classes/queue-limits.ts';

/** How many requests one limit of one policy class has kept out. */
export interface QueueRejectionCount {
  readonly policyClass: string;
  readonly limitKind: LimitKind;
  readonly requests: number;
}

/** Counts the rejections of full queues, by class and limit. */
export class RejectionTally {
  readonly #counts: { policyClass: string; limitKind: LimitKind; requests: number }[] = [];

  add({ policyClass, limitKind }: QueueRejection): void {
    const known = this.#counts.find((count) => {
      return count.policyClass === policyClass && count.limitKind === limitKind;
    });
    if (known === undefined) this.#counts.push({ policyClass, limitKind, requests: 1 });
    else known.requests++;
  }

  /** By the name of the class, then of the limit. */
  get counts(): readonly QueueRejectionCount[] {
    const key = (count: QueueRejectionCount): string => `${count.policyClass} ${count.limitKind}`;
    return this.#counts.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  }
}
