import { growColumn, RowAllocator } from '#core/base/columns.ts';
import type { Ns } from '#core/base/time.ts';

/**
 * Transfers under way. A flow waits for its first byte, then it belongs to a bundle until it ends.
 *
 *     subject[flow]   the caller's number for it; orders what ends at one moment
 *     path[flow]      which links it crosses
 *     bytes[flow]     all that it has to move
 *     limit[flow]     bytes per nanosecond that it can use at most, infinite without a limit
 *     joinNs[flow]    when its first byte has crossed the path
 *     bundle[flow]    bundle that it flows in, −1 = waiting for the first byte, −2 = free row
 *     target[flow]    what its bundle has served when all its bytes are across
 *     countedBefore[flow]   what its bundle had counted when it joined
 */
export class FlowTable {
  subject = new Int32Array(16);
  path = new Int32Array(16);
  bytes = new Float64Array(16);
  limit = new Float64Array(16);
  joinNs = new Float64Array(16);
  bundle = new Int32Array(16).fill(-2);
  target = new Float64Array(16);
  countedBefore = new Float64Array(16);
  readonly #rows = new RowAllocator();

  /** Flows that have begun and not ended. */
  get used(): number {
    return this.#rows.used;
  }

  open(subject: number, path: number, bytes: number, limit: number, joinNs: Ns): number {
    const flow = this.#rows.take();
    if (flow >= this.subject.length) this.#grow(flow + 1);
    this.subject[flow] = subject;
    this.path[flow] = path;
    this.bytes[flow] = bytes;
    this.limit[flow] = limit;
    this.joinNs[flow] = joinNs;
    this.bundle[flow] = -1;
    return flow;
  }

  close(flow: number): void {
    this.bundle[flow] = -2;
    this.#rows.give(flow);
  }

  #grow(rows: number): void {
    const before = this.bundle.length;
    this.subject = growColumn(this.subject, rows);
    this.path = growColumn(this.path, rows);
    this.bytes = growColumn(this.bytes, rows);
    this.limit = growColumn(this.limit, rows);
    this.joinNs = growColumn(this.joinNs, rows);
    this.bundle = growColumn(this.bundle, rows).fill(-2, before);
    this.target = growColumn(this.target, rows);
    this.countedBefore = growColumn(this.countedBefore, rows);
  }
}
