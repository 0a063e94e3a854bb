import { assert } from '#core/base/assert.ts';
import { growColumn, RowAllocator } from '#core/base/columns.ts';
import type { Ns } from '#core/base/time.ts';
import type { RouteQuery } from '../query.ts';

const NO_OVERLAPS = new Int32Array(0);

/**
 * The queries of waiting requests, kept in columns while they wait, with the key that orders them.
 *
 *     strict[row], score[row], sequence[row]   the key, frozen at entry
 *     position[row]                            place in its lane's heap
 *     policyClass[row]                         number of the class in whose queue it waits
 *     cachedTokens[row]                        prompt tokens cached on the best target when it came
 *     enteredNs[row]                           when it came
 *     overlaps[row]                            what the policy found when it came
 *     the other columns                        the fields of the query
 *     #rowOf[request]                          its row + 1, 0 = not waiting
 */
export class PendingRequests {
  strict = new Float64Array(16);
  score = new Float64Array(16);
  sequence = new Float64Array(16);
  position = new Int32Array(16);
  pinnedTarget = new Int32Array(16);
  terms = new Int32Array(16);
  policyClass = new Int32Array(16);
  inputTokens = new Int32Array(16);
  cachedTokens = new Int32Array(16);
  enteredNs = new Float64Array(16);
  readonly overlaps: Int32Array[] = [];
  #request = new Int32Array(16);
  #leaf = new Int32Array(16);
  #leafBlocks = new Int32Array(16);
  #totalBlocks = new Int32Array(16);
  #tailBlocks = new Int32Array(16);
  #priority = new Float64Array(16);
  #policyName = new Int32Array(16);
  #session = new Int32Array(16);
  #rowOf = new Int32Array(64);
  readonly #rows = new RowAllocator();
  #entries = 0;

  get count(): number {
    return this.#rows.used;
  }

  /** The row of a waiting request, or −1. */
  rowOf(request: number): number {
    return request < this.#rowOf.length ? this.#rowOf[request]! - 1 : -1;
  }

  /** Keeps a copy of the query; its key and what was found for it are the caller's to fill in. */
  add(query: RouteQuery, enteredNs: Ns): number {
    assert(this.rowOf(query.request) < 0, 'the request waits already');
    const row = this.#rows.take();
    if (row >= this.#request.length) this.#grow(row + 1);
    this.strict[row] = query.strictPriority;
    this.sequence[row] = this.#entries++;
    this.enteredNs[row] = enteredNs;
    this.pinnedTarget[row] = query.pinnedTarget;
    this.terms[row] = query.terms;
    this.#session[row] = query.session;
    this.#request[row] = query.request;
    this.#leaf[row] = query.leaf;
    this.#leafBlocks[row] = query.leafBlocks;
    this.#totalBlocks[row] = query.totalBlocks;
    this.#tailBlocks[row] = query.tailBlocks;
    this.inputTokens[row] = query.inputTokens;
    this.#priority[row] = query.priority;
    this.#policyName[row] = query.policyClass;
    this.#rowOf = growColumn(this.#rowOf, query.request + 1);
    this.#rowOf[query.request] = row + 1;
    return row;
  }

  /** Writes the kept query into `query` and forgets the row; what was found for it is let go. */
  take(row: number, query: RouteQuery): void {
    query.request = this.#request[row]!;
    query.leaf = this.#leaf[row]!;
    query.leafBlocks = this.#leafBlocks[row]!;
    query.totalBlocks = this.#totalBlocks[row]!;
    query.tailBlocks = this.#tailBlocks[row]!;
    query.inputTokens = this.inputTokens[row]!;
    query.priority = this.#priority[row]!;
    query.strictPriority = this.strict[row]!;
    query.pinnedTarget = this.pinnedTarget[row]!;
    query.terms = this.terms[row]!;
    query.session = this.#session[row]!;
    query.policyClass = this.#policyName[row]!;
    this.#rowOf[query.request] = 0;
    this.#rows.give(row);
    this.overlaps[row] = NO_OVERLAPS;
  }

  /** What the request costs its class: the tokens that it must have computed, at least one. */
  costOf(row: number): number {
    return Math.max(1, this.inputTokens[row]! - this.cachedTokens[row]!);
  }

  /** True when row `a` leaves the queue before row `b`. */
  precedes(a: number, b: number): boolean {
    if (this.strict[a] !== this.strict[b]) return this.strict[a]! > this.strict[b]!;
    if (this.score[a] !== this.score[b]) return this.score[a]! > this.score[b]!;
    return this.sequence[a]! < this.sequence[b]!;
  }

  #grow(rows: number): void {
    this.strict = growColumn(this.strict, rows);
    this.score = growColumn(this.score, rows);
    this.sequence = growColumn(this.sequence, rows);
    this.position = growColumn(this.position, rows);
    this.pinnedTarget = growColumn(this.pinnedTarget, rows);
    this.terms = growColumn(this.terms, rows);
    this.#session = growColumn(this.#session, rows);
    this.#request = growColumn(this.#request, rows);
    this.#leaf = growColumn(this.#leaf, rows);
    this.#leafBlocks = growColumn(this.#leafBlocks, rows);
    this.#totalBlocks = growColumn(this.#totalBlocks, rows);
    this.#tailBlocks = growColumn(this.#tailBlocks, rows);
    this.policyClass = growColumn(this.policyClass, rows);
    this.inputTokens = growColumn(this.inputTokens, rows);
    this.cachedTokens = growColumn(this.cachedTokens, rows);
    this.enteredNs = growColumn(this.enteredNs, rows);
    this.#priority = growColumn(this.#priority, rows);
    this.#policyName = growColumn(this.#policyName, rows);
  }
}
