import { growColumn } from '#core/base/columns.ts';
import type { Ns } from '#core/base/time.ts';
import type { RequestTable } from './request-table.ts';
import type { SessionTable } from './session-table.ts';
import type { Workload } from './workload.ts';

/** The first and the last of some moments, and how many there were. */
export interface MomentSpan {
  count: number;
  firstNs: Ns;
  lastNs: Ns;
}

/** What a cap did to a run. */
export interface CapFacts {
  readonly maxConcurrency: number;
  /** When first turns were due, and when they were sent: others come by what the cluster does. */
  readonly due: Readonly<MomentSpan>;
  readonly sent: Readonly<MomentSpan>;
  /** How long a request was due and could not be sent. */
  readonly bindingNs: Ns;
  /** From the first due moment to the last send, or to the end of the run if one still waits. */
  readonly spanNs: Ns;
}

/**
 * An open loop with a cap, as vLLM's and AIPerf's semaphores: a request that is due while as many are
 * under way as may be waits outside of the cluster, and those that wait are sent in the order in
 * which they were due. Who waits need not be held here: the workload inside keeps its order, and is
 * asked for the next one only when there is a place.
 */
export class CappedLoop implements Workload {
  readonly #inner: Workload;
  readonly #maxConcurrency: number;
  readonly #requests: RequestTable;
  readonly #sessions: SessionTable;
  #underWay = 0;
  /** The last moment at which a place became free. */
  #freedNs: Ns = 0;
  readonly #due: MomentSpan = { count: 0, firstNs: 0, lastNs: 0 };
  readonly #sent: MomentSpan = { count: 0, firstNs: 0, lastNs: 0 };
  #beganNs: Ns = Number.POSITIVE_INFINITY;
  #lastSentNs: Ns = 0;
  #bindingNs: Ns = 0;

  constructor(
    inner: Workload,
    maxConcurrency: number,
    requests: RequestTable,
    sessions: SessionTable,
  ) {
    this.#inner = inner;
    this.#maxConcurrency = maxConcurrency;
    this.#requests = requests;
    this.#sessions = sessions;
  }

  get nextArrivalNs(): Ns {
    if (this.#underWay >= this.#maxConcurrency) return Number.POSITIVE_INFINITY;
    return Math.max(this.#inner.nextArrivalNs, this.#freedNs);
  }

  take(nowNs: Ns): number {
    const dueNs = this.#inner.nextArrivalNs;
    this.#beganNs = Math.min(this.#beganNs, dueNs);
    // Due times and sends never go back, so up to the last send this wait is part of earlier ones.
    this.#bindingNs += nowNs - Math.max(dueNs, this.#lastSentNs);
    this.#lastSentNs = nowNs;
    this.#underWay++;
    const row = this.#inner.take(nowNs);
    const requests = this.#requests;
    requests.dueNs = growColumn(requests.dueNs, row + 1);
    requests.dueNs[row] = dueNs;
    if (this.#sessions.waits[row] === 0) {
      addMoment(this.#due, dueNs);
      addMoment(this.#sent, nowNs);
    }
    return row;
  }

  ended(row: number, nowNs: Ns): void {
    this.#underWay--;
    this.#freedNs = nowNs;
    this.#inner.ended(row, nowNs);
  }

  /** What the cap did, in a run whose traffic ended at `endNs`. */
  facts(endNs: Ns): CapFacts {
    const dueNs = this.#inner.nextArrivalNs;
    const waiting = dueNs < endNs;
    const openNs = waiting ? endNs - Math.max(dueNs, this.#lastSentNs) : 0;
    return {
      maxConcurrency: this.#maxConcurrency,
      due: this.#due,
      sent: this.#sent,
      bindingNs: this.#bindingNs + openNs,
      spanNs: Math.max(0, (waiting ? endNs : this.#lastSentNs) - this.#beganNs),
    };
  }
}

function addMoment(span: MomentSpan, atNs: Ns): void {
  if (span.count === 0) span.firstNs = atNs;
  span.lastNs = atNs;
  span.count++;
}
