import type { Ns } from '#core/base/time.ts';
import { Trigger } from '#traces/predecessors.ts';
import { FollowUps } from './follow-ups.ts';
import type { SessionTable } from './session-table.ts';
import type { Workload } from './workload.ts';

/**
 * Requests come when they come, whatever the cluster does: first turns at given times, later turns
 * of a session a think time after the turn before has ended, and requests that wait for others when
 * the last of these lets them.
 */
export class OpenLoop implements Workload {
  readonly #rows: Int32Array;
  readonly #timesNs: Float64Array;
  readonly #sessions: SessionTable;
  readonly #speedup: number;
  readonly #followUps = new FollowUps();
  #next = 0;

  /**
   * @param rows first turns, in order of the trace
   * @param timesNs their times, in any order
   * @param speedup divides think times, as it has divided the times
   */
  constructor(rows: Int32Array, timesNs: Float64Array, sessions: SessionTable, speedup: number) {
    const order = rows.slice();
    for (let index = 0; index < order.length; index++) order[index] = index;
    order.sort((a, b) => timesNs[a]! - timesNs[b]! || a - b);
    this.#rows = order.map((index) => rows[index]!);
    this.#timesNs = Float64Array.from(order, (index) => timesNs[index]!);
    this.#sessions = sessions;
    this.#speedup = speedup;
  }

  get nextArrivalNs(): Ns {
    return Math.min(this.#nextFirstTurnNs, this.#followUps.nextNs);
  }

  take(nowNs: Ns): number {
    const isFollowUp = this.#followUps.nextNs <= this.#nextFirstTurnNs;
    const row = isFollowUp ? this.#followUps.take() : this.#rows[this.#next++]!;
    this.#tellGraph(row, Trigger.start, nowNs);
    return row;
  }

  ended(row: number, nowNs: Ns): void {
    this.#tellGraph(row, Trigger.end, nowNs);
    const next = this.#sessions.next[row]!;
    if (next < 0) return;
    this.#followUps.add(next, nowNs + Math.round(this.#sessions.thinkNs[next]! / this.#speedup));
  }

  #tellGraph(row: number, trigger: number, nowNs: Ns): void {
    this.#sessions.graph?.happened(row, trigger, nowNs, this.#speedup, this.#followUps);
  }

  get #nextFirstTurnNs(): Ns {
    const next = this.#next;
    return next < this.#rows.length ? this.#timesNs[next]! : Number.POSITIVE_INFINITY;
  }
}
