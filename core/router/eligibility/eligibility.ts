import { assert } from '#core/base/assert.ts';
import { growColumn } from '#core/base/columns.ts';
import { WindtunnelError } from '#core/base/errors.ts';
import type { Choices, Ineligibility } from '../decision-observer.ts';
import {
  ALL_WORKERS_OVERLOADED,
  NO_ENDPOINTS,
  PINNED_WORKER_NOT_ALLOWED,
  PINNED_WORKER_OVERLOADED,
  ROUTED,
} from '../decisions.ts';
import type { Fleet } from '../fleet.ts';
import type { EligibleTargets } from '../policies/routing-policy.ts';
import type { RouteTerms } from '../route-terms.ts';
import type { TermsTable } from '../terms-table.ts';
import { type AllowedTargets, allowTargets } from './allowed-targets.ts';
import type { OverloadMonitor } from './overload/overload-monitor.ts';
import { AttributeTable, type TargetAttributes } from './target-attributes.ts';

/**
 * Says where a request may go. The checks of a target, in this order: the caller's list of workers;
 * available; in the fleet; every required taint; not overloaded. The outcome names the first stage
 * that leaves nobody.
 *
 *     targets[i]   who is eligible for the request that was resolved last, ascending, i < count;
 *                  not filled while `everyone` is true, nor for a pinned request
 */
export class Eligibility implements EligibleTargets, Choices {
  readonly attributes = new AttributeTable();
  targets = new Int32Array(16);
  count = 0;
  /** The whole fleet is eligible, and no target need be looked at for it. */
  everyone = true;
  /** The pin of the request that was resolved last, −1 = none. */
  pinned = -1;
  readonly #fleet: Fleet;
  readonly #terms: TermsTable;
  readonly #overload: OverloadMonitor;
  readonly #unavailable = new Set<number>();
  /** By the id of the terms. */
  readonly #allowed: AllowedTargets[] = [];
  /** Where only unavailable targets narrow the fleet. */
  #available: AllowedTargets | undefined;
  #factor: Float64Array | undefined;
  #version = 0;
  #resolvedTerms = -1;

  constructor(fleet: Fleet, terms: TermsTable, overload: OverloadMonitor) {
    this.#fleet = fleet;
    this.#terms = terms;
    this.#overload = overload;
  }

  get hasPreferences(): boolean {
    return this.#factor !== undefined;
  }

  factorOf(target: number): number {
    return this.#factor?.[target] ?? 1;
  }

  /** Terms have been defined anew. */
  forgetTerms(id: number): void {
    delete this.#allowed[id];
  }

  /** What is known of a target, in the fleet or before it joins; neutral until it is said. */
  describe(target: number, attributes: TargetAttributes): void {
    const isThere = this.#fleet.has(target);
    if (isThere) this.remove(target);
    this.attributes.set(target, attributes);
    if (isThere) this.add(target);
  }

  /** A target has joined the fleet. */
  add(target: number): void {
    if (!this.attributes.has(target)) this.attributes.set(target, {});
    this.#overload.add(target, this.attributes.worker[target]!);
    this.#version++;
  }

  /** A target has left the fleet. */
  remove(target: number): void {
    this.#overload.remove(target);
    this.#unavailable.delete(target);
    this.#version++;
  }

  /** A target in the fleet can be reached, or cannot for now. */
  setAvailable(target: number, available: boolean): void {
    assert(this.#fleet.has(target), `target ${target} is not there`);
    if (available) this.#unavailable.delete(target);
    else this.#unavailable.add(target);
    this.#version++;
  }

  /**
   * Finds who is eligible; ROUTED when somebody is, else the outcome of the request. A pin names the
   * only target that may serve it; −1 = no pin, no terms.
   */
  resolve(pinnedTarget: number, terms: number): number {
    this.#factor = undefined;
    this.pinned = pinnedTarget;
    this.#resolvedTerms = terms;
    if (pinnedTarget >= 0) return this.#resolvePin(pinnedTarget, terms);
    this.everyone = terms < 0 && this.#overload.count === 0 && this.#unavailable.size === 0;
    if (this.everyone) return this.#fleet.count > 0 ? ROUTED : NO_ENDPOINTS;
    const { targets, factor } = this.#allow(terms);
    if (targets.length === 0) return NO_ENDPOINTS;
    this.#factor = factor;
    this.#keepUnloaded(targets);
    return this.count === 0 ? ALL_WORKERS_OVERLOADED : ROUTED;
  }

  ineligibilityOf(target: number): Ineligibility | undefined {
    const terms = this.#resolvedTerms;
    if (this.pinned >= 0 && this.pinned !== target) return 'pin';
    if (!this.#fleet.has(target)) return 'absent';
    if (this.#unavailable.has(target)) return 'unavailable';
    if (terms >= 0 && this.#allow(terms).allowed[target] !== 1) return 'terms';
    return this.#overload.isOverloaded(target) ? 'overload' : undefined;
  }

  /**
   * The target of a worker's rank, −1 when there is none. Without a rank the worker must have
   * exactly one: several are refused with `router_pin_needs_rank`.
   */
  targetOf(worker: number, rank?: number): number {
    const { attributes } = this;
    let found = -1;
    for (let place = 0; place < this.#fleet.count; place++) {
      const target = this.#fleet.targets[place]!;
      if (attributes.worker[target] !== worker) continue;
      if (rank !== undefined && attributes.rank[target] !== rank) continue;
      if (found >= 0) throw ambiguousRank(worker);
      found = target;
    }
    return found;
  }

  #resolvePin(target: number, terms: number): number {
    if (!this.#fleet.has(target) || this.#unavailable.has(target)) return PINNED_WORKER_NOT_ALLOWED;
    if (terms >= 0 && this.#allow(terms).allowed[target] !== 1) return PINNED_WORKER_NOT_ALLOWED;
    return this.#overload.isOverloaded(target) ? PINNED_WORKER_OVERLOADED : ROUTED;
  }

  /** Who may serve a request of these terms, overloaded or not; worked out once for each version. */
  #allow(id: number): AllowedTargets {
    const known = id < 0 ? this.#available : this.#allowed[id];
    if (known?.version === this.#version) return known;
    const terms = this.#terms.get(id) ?? NO_TERMS;
    const { attributes } = this;
    const fresh = allowTargets(terms, this.#fleet, attributes, this.#unavailable, this.#version);
    if (id < 0) this.#available = fresh;
    else this.#allowed[id] = fresh;
    return fresh;
  }

  #keepUnloaded(targets: Int32Array): void {
    this.targets = growColumn(this.targets, targets.length);
    this.count = 0;
    for (let place = 0; place < targets.length; place++) {
      const target = targets[place]!;
      if (this.#overload.isOverloaded(target)) continue;
      this.targets[this.count] = target;
      this.count++;
    }
  }
}

const NO_TERMS: RouteTerms = {};

function ambiguousRank(worker: number): WindtunnelError {
  return new WindtunnelError(
    'router_pin_needs_rank',
    `worker ${worker} has several ranks; a pin has to name one of them`,
    { worker },
  );
}
