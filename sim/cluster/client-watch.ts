import { IndexedHeap } from '#core/base/indexed-heap.ts';
import type { Ns } from '#core/base/time.ts';
import { NEVER, RequestStatus, type RequestTable } from '../workload/request-table.ts';

/**
 * Watches the clients of requests under way: when the next of them leaves, because it has changed its
 * mind or because it has waited for too long. Requests whose clients stay to the end cost nothing.
 *
 *     #leaves   rows under way by the moment at which their clients leave, as far as is known now
 */
export class ClientWatch {
  readonly #requests: RequestTable;
  readonly #leaves = new IndexedHeap();

  constructor(requests: RequestTable) {
    this.#requests = requests;
  }

  /** The next moment at which a client leaves; infinite when none does as things stand. */
  get nextNs(): Ns {
    while (this.#leaves.size > 0) {
      const row = this.#leaves.first;
      const leavesNs = this.#leavesNs(row);
      if (leavesNs === this.#leaves.firstKey) return leavesNs;
      // Its first token has come in time.
      this.#leaves.pop();
      this.#push(row, leavesNs);
    }
    return Number.POSITIVE_INFINITY;
  }

  /** A request has arrived. */
  arrived(row: number): void {
    this.#push(row, this.#leavesNs(row));
  }

  /** It is over. */
  ended(row: number): void {
    if (this.#leaves.has(row)) this.#leaves.remove(row);
  }

  /** The request whose client leaves next. */
  take(): number {
    return this.#leaves.pop();
  }

  /** What becomes of a request whose client leaves now: it is given up, or was too slow. */
  statusOf(row: number, nowNs: Ns): number {
    const requests = this.#requests;
    const abortNs = deadlineNs(requests, row, requests.cancelAfterNs);
    return nowNs >= abortNs ? RequestStatus.cancelled : RequestStatus.timedOut;
  }

  #push(row: number, leavesNs: Ns): void {
    if (leavesNs !== Number.POSITIVE_INFINITY) this.#leaves.push(row, leavesNs, row);
  }

  #leavesNs(row: number): Ns {
    const requests = this.#requests;
    const { cancelAfterNs, timeoutNs, firstTokenTimeoutNs, firstTokenNs } = requests;
    const waits = firstTokenNs[row] === NEVER;
    return Math.min(
      deadlineNs(requests, row, cancelAfterNs),
      deadlineNs(requests, row, timeoutNs),
      waits ? deadlineNs(requests, row, firstTokenTimeoutNs) : Number.POSITIVE_INFINITY,
    );
  }
}

/** The arrival and a span of a column that may not be there; infinite without one. */
function deadlineNs({ arrivalNs }: RequestTable, row: number, spansNs: Float64Array): Ns {
  const spanNs = row < spansNs.length ? spansNs[row]! : 0;
  return spanNs === 0 ? Number.POSITIVE_INFINITY : arrivalNs[row]! + spanNs;
}
