import { assert } from '#core/base/assert.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { Ns } from '#core/base/time.ts';
import { NEVER } from '../workload/request-table.ts';
import type { Pool } from './pool.ts';

/** What somebody asks for who wants a worker to change pools. */
export interface RoleWish {
  readonly from: Pool;
  readonly to: Pool;
  /** From the last request that it finishes to the first that it may take. */
  readonly costNs: Ns;
  /** When it is to stop taking requests: now, or later. */
  readonly dueNs: Ns;
}

/** A worker on its way from one pool to another. */
export interface RoleChange extends RoleWish {
  /** When it began: later than it was due where the pool had nobody to spare. */
  beganNs: Ns;
  /** Its last request is finished. */
  drainedNs: Ns;
  /** The router in front of the other pool knows it. */
  joinedNs: Ns;
  /** Its number in each pool, −1 = not yet. */
  leaver: number;
  joiner: number;
}

/** Why a worker may not change pools. */
export type RoleRefusal =
  /** It is there already. */
  | 'same_pool'
  /** The pools have workers of different width, and GPUs neither come nor go. */
  | 'other_gpus'
  /** Groups say by its number what a worker is, and it would get a new one. */
  | 'grouped'
  /** One worker at least stays, even when all that have been asked for are gone. */
  | 'last_worker'
  /** Every number for workers from other pools is promised. */
  | 'no_number';

/** The workers of a pool, as far as changes go. */
interface Roster {
  /** By number: takes requests. */
  readonly serving: Uint8Array;
  /** Workers that it has when all changes that were asked for are over. */
  planned: number;
  /** The next number of a worker that joins, and how many numbers are not promised yet. */
  nextSpare: number;
  spares: number;
}

/**
 * Workers that change pools when somebody asks for it: a schedule, or a planner. A worker that is to
 * go takes no more requests, finishes what it has, is away for what the change costs, and joins the
 * other pool with an empty cache. A pool always keeps one worker: who could not be spared goes when
 * another has come.
 *
 *     ask ─▶ #coming ── due ─▶ #open: begins, drains, is away, joins
 */
export class RoleChanges {
  /** In the order in which they were asked for. */
  readonly all: RoleChange[] = [];
  readonly #rosters = new Map<Pool, Roster>();
  /** Changes that are not due yet, the next one first. */
  readonly #coming: RoleChange[] = [];
  /** Changes that are due and not over, in the order in which they were due. */
  readonly #open: RoleChange[] = [];
  /** When the first worker that is away comes; infinite when none is. */
  #joinNs: Ns = Number.POSITIVE_INFINITY;

  /** `pools`: each with a spare number for everybody who may join it. */
  constructor(pools: readonly Pool[]) {
    for (const pool of pools) {
      const { workersAtStart: atStart } = pool;
      const serving = new Uint8Array(pool.workers.length);
      serving.fill(1, 0, atStart);
      this.#rosters.set(pool, {
        serving,
        planned: atStart,
        nextSpare: atStart,
        spares: pool.workers.length - atStart,
      });
    }
  }

  /** Asks for a worker to change pools; the change, or why there will be none. */
  ask(wish: RoleWish, nowNs: Ns): Result<RoleChange, RoleRefusal> {
    assert(wish.dueNs >= nowNs, 'a worker was to change pools before it was asked to');
    const refusal = this.#refusalOf(wish);
    if (refusal !== undefined) return err(refusal);
    const { from, to, costNs, dueNs } = wish;
    this.#rosterOf(from).planned--;
    this.#rosterOf(to).planned++;
    this.#rosterOf(to).spares--;
    const change: RoleChange = {
      ...{ from, to, costNs, dueNs },
      ...{ beganNs: NEVER, drainedNs: NEVER, joinedNs: NEVER },
      ...{ leaver: -1, joiner: -1 },
    };
    this.all.push(change);
    const later = this.#coming.findIndex((other) => other.dueNs > dueNs);
    this.#coming.splice(later < 0 ? this.#coming.length : later, 0, change);
    return ok(change);
  }

  /** The next moment at which a worker is due to go or to come; infinite when none is. */
  get nextNs(): Ns {
    const [next] = this.#coming;
    return next === undefined ? this.#joinNs : Math.min(next.dueNs, this.#joinNs);
  }

  /** Takes every step that is due; true when a router may have decided on something. */
  advance(nowNs: Ns): boolean {
    const open = this.#open;
    while (this.#coming.length > 0 && this.#coming[0]!.dueNs <= nowNs) {
      open.push(this.#coming.shift()!);
    }
    if (open.length === 0) return false;
    let moved = false;
    // Whoever joins may let another one go, at the same moment.
    for (let steps = 1; steps > 0; ) {
      steps = 0;
      for (const change of open) if (this.#step(change, nowNs)) steps++;
      moved ||= steps > 0;
    }
    if (moved) this.#close();
    return moved;
  }

  #refusalOf({ from, to }: RoleWish): RoleRefusal | undefined {
    if (from === to) return 'same_pool';
    if (from.gpusPerWorker !== to.gpusPerWorker) return 'other_gpus';
    if (from.isGrouped || to.isGrouped) return 'grouped';
    if (this.#rosterOf(from).planned < 2) return 'last_worker';
    return this.#rosterOf(to).spares === 0 ? 'no_number' : undefined;
  }

  #rosterOf(pool: Pool): Roster {
    const roster = this.#rosters.get(pool);
    assert(roster !== undefined, `the pool ${pool.name} is none of this cluster`);
    return roster;
  }

  /** Forgets changes that are over, and finds out who comes next. */
  #close(): void {
    const open = this.#open;
    let kept = 0;
    this.#joinNs = Number.POSITIVE_INFINITY;
    for (const change of open) {
      if (change.joinedNs !== NEVER) continue;
      open[kept++] = change;
      if (change.drainedNs === NEVER) continue;
      this.#joinNs = Math.min(this.#joinNs, change.drainedNs + change.costNs);
    }
    open.length = kept;
  }

  /** The next step of a change, if it is due. */
  #step(change: RoleChange, nowNs: Ns): boolean {
    if (change.beganNs === NEVER) return this.#begin(change, nowNs);
    if (change.drainedNs === NEVER) return this.#leave(change, nowNs);
    return change.joinedNs === NEVER && this.#join(change, nowNs);
  }

  #begin(change: RoleChange, nowNs: Ns): boolean {
    const { from } = change;
    const roster = this.#rosterOf(from);
    if (from.serving < 2) return false;
    change.leaver = roster.serving.lastIndexOf(1);
    change.beganNs = nowNs;
    roster.serving[change.leaver] = 0;
    from.serving--;
    for (const target of from.targetsOf(change.leaver)) {
      from.router.setAvailable(target, false, nowNs);
    }
    return true;
  }

  #leave(change: RoleChange, nowNs: Ns): boolean {
    const { from, leaver } = change;
    const worker = from.workers[leaver]!;
    if (worker.busy || !worker.isEmpty) return false;
    change.drainedNs = nowNs;
    for (const target of from.targetsOf(leaver)) from.router.removeTarget(target, nowNs);
    return true;
  }

  #join(change: RoleChange, nowNs: Ns): boolean {
    const { from, to, costNs, drainedNs } = change;
    if (drainedNs + costNs > nowNs) return false;
    const roster = this.#rosterOf(to);
    const joiner = roster.nextSpare++;
    change.joiner = joiner;
    change.joinedNs = nowNs;
    to.places[joiner] = from.places[change.leaver]!;
    roster.serving[joiner] = 1;
    to.serving++;
    for (const [rank, target] of to.targetsOf(joiner).entries()) {
      to.router.describeTarget(target, { worker: joiner, rank }, nowNs);
      to.router.addTarget(target, nowNs);
    }
    return true;
  }
}
