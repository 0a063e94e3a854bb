import { assert } from '#core/base/assert.ts';
import { growColumn } from '#core/base/columns.ts';
import { NS_PER_MS, type Ns } from '#core/base/time.ts';
import type { Predecessors } from '#traces/predecessors.ts';
import type { FollowUps } from './follow-ups.ts';

/**
 * Requests that wait for others, which the trace names: an agent that starts others and joins them. A
 * request is sent when all its predecessors have ended (or were sent), each a delay later, and not
 * before a time of its own.
 *
 *     missing[row]    predecessors whose moment has not come, 0 = none, or the row is not in the graph
 *     readyNs[row]    earliest time at which it can be sent, as far as known
 *     head[row]       first edge to a request that waits for this one, −1 = none
 *     edge columns    target row, trigger, delay (ns), the next edge of the same predecessor
 */
export class RequestGraph {
  #missing = new Int32Array(16);
  #readyNs = new Float64Array(16);
  #head = new Int32Array(16).fill(-1);
  #target = new Int32Array(16);
  #trigger = new Uint8Array(16);
  #delayNs = new Float64Array(16);
  #nextEdge = new Int32Array(16);
  #edges = 0;
  readonly #rowOf = new Map<string, number>();

  /** Enters a request with what it waits for; its predecessors must have been entered before. */
  append(row: number, requestId: string | undefined, named: Predecessors, from: number): void {
    this.#grow(row);
    if (requestId !== undefined) this.#rowOf.set(requestId, row);
    for (let at = named.start[from]!; at < named.start[from + 1]!; at++) {
      const before = this.#rowOf.get(named.requestId[at]!);
      assert(before !== undefined, `a request waits for ${named.requestId[at]}, which is unknown`);
      this.#connect(before, row, named.trigger[at]!, named.delayMs[at]! * NS_PER_MS);
      this.#missing[row]!++;
    }
  }

  /** Whether a request waits for others. */
  waits(row: number): boolean {
    return row < this.#missing.length && this.#missing[row]! > 0;
  }

  /** The request is not sent before this time, whatever its predecessors do. */
  holdUntil(row: number, timeNs: Ns): void {
    this.#readyNs[row] = Math.max(this.#readyNs[row]!, timeNs);
  }

  /** A request was sent, or ended; whoever waited for that last is added to `followUps`. */
  happened(row: number, trigger: number, nowNs: Ns, speedup: number, followUps: FollowUps): void {
    if (row >= this.#head.length) return;
    for (let edge = this.#head[row]!; edge >= 0; edge = this.#nextEdge[edge]!) {
      if (this.#trigger[edge] !== trigger) continue;
      const target = this.#target[edge]!;
      this.holdUntil(target, nowNs + Math.round(this.#delayNs[edge]! / speedup));
      if (--this.#missing[target]! === 0) followUps.add(target, this.#readyNs[target]!);
    }
  }

  /** Whoever waits for the request is never sent. */
  abandon(row: number): void {
    if (row < this.#head.length) this.#head[row] = -1;
  }

  #connect(before: number, row: number, trigger: number, delayNs: Ns): void {
    const edge = this.#edges++;
    if (edge >= this.#target.length) {
      this.#target = growColumn(this.#target, edge + 1);
      this.#trigger = growColumn(this.#trigger, edge + 1);
      this.#delayNs = growColumn(this.#delayNs, edge + 1);
      this.#nextEdge = growColumn(this.#nextEdge, edge + 1);
    }
    this.#target[edge] = row;
    this.#trigger[edge] = trigger;
    this.#delayNs[edge] = delayNs;
    this.#nextEdge[edge] = this.#head[before]!;
    this.#head[before] = edge;
  }

  #grow(row: number): void {
    const rows = this.#head.length;
    if (row < rows) return;
    this.#missing = growColumn(this.#missing, row + 1);
    this.#readyNs = growColumn(this.#readyNs, row + 1);
    this.#head = growColumn(this.#head, row + 1).fill(-1, rows);
  }
}
