import { assert } from '#core/base/assert.ts';
import { msToNs, type Ns } from '#core/base/time.ts';
import type { ClusterConfig } from '#core/config/schema.ts';
import { NEVER } from '../workload/request-table.ts';
import type { Pool } from './pool.ts';

/** A worker on its way from one pool to another. */
export interface RoleChange {
  readonly from: Pool;
  readonly to: Pool;
  readonly costNs: Ns;
  /** When it is due, and when it began: later where the pool had nobody to spare. */
  readonly dueNs: Ns;
  beganNs: Ns;
  /** Its last request is finished. */
  drainedNs: Ns;
  /** The router in front of the other pool knows it. */
  joinedNs: Ns;
  /** Its number in each pool, −1 = not yet. */
  leaver: number;
  joiner: number;
}

/**
 * Workers that change pools at times which the config sets. A worker that is to go takes no more
 * requests, finishes what it has, is away for what the change costs, and joins the other pool with
 * an empty cache. A pool always keeps one worker: who could not be spared goes when another has come.
 */
export class RoleChanges {
  /** In the order in which they are due. */
  readonly all: readonly RoleChange[];
  /** Workers of each pool that take requests, by number. */
  readonly #serving = new Map<Pool, Uint8Array>();
  /** Whoever was due by then has gone, or waits until somebody can be spared. */
  #lookedNs: Ns = -1;
  /** The next number that a worker gets in a pool. */
  readonly #nextSpare = new Map<Pool, number>();

  /** `pools`: each with a spare number for everybody who will join it. */
  constructor(schedule: NonNullable<ClusterConfig['schedule']>, pools: readonly Pool[]) {
    for (const pool of pools) {
      const serving = new Uint8Array(pool.workers.length);
      serving.fill(1, 0, pool.workersAtStart);
      this.#serving.set(pool, serving);
      this.#nextSpare.set(pool, pool.workersAtStart);
    }
    const poolOf = (name: string): Pool => pools.find((pool) => pool.name === name)!;
    const changes = schedule.flatMap(({ at_ms, from, to, workers, cost_ms }) =>
      Array.from({ length: workers }, () => ({
        from: poolOf(from),
        to: poolOf(to),
        costNs: msToNs(cost_ms),
        dueNs: msToNs(at_ms),
        beganNs: NEVER,
        drainedNs: NEVER,
        joinedNs: NEVER,
        leaver: -1,
        joiner: -1,
      })),
    );
    this.all = changes.toSorted((a, b) => a.dueNs - b.dueNs);
  }

  /** The next moment at which a worker is due to go or to come; infinite when none is. */
  get nextNs(): Ns {
    let nextNs = Number.POSITIVE_INFINITY;
    for (const change of this.all) {
      if (change.beganNs === NEVER) {
        if (change.dueNs > this.#lookedNs) nextNs = Math.min(nextNs, change.dueNs);
      } else if (change.drainedNs !== NEVER && change.joinedNs === NEVER) {
        nextNs = Math.min(nextNs, change.drainedNs + change.costNs);
      }
    }
    return nextNs;
  }

  /** Takes every step that is due; true when a router may have decided on something. */
  advance(nowNs: Ns): boolean {
    this.#lookedNs = nowNs;
    let moved = false;
    // Whoever joins may let another one go, at the same moment.
    for (let steps = 1; steps > 0; ) {
      steps = 0;
      for (const change of this.all) if (this.#step(change, nowNs)) steps++;
      moved ||= steps > 0;
    }
    return moved;
  }

  /** The next step of a change, if it is due. */
  #step(change: RoleChange, nowNs: Ns): boolean {
    if (change.beganNs === NEVER) return this.#begin(change, nowNs);
    if (change.drainedNs === NEVER) return this.#leave(change, nowNs);
    return change.joinedNs === NEVER && this.#join(change, nowNs);
  }

  #begin(change: RoleChange, nowNs: Ns): boolean {
    const { from, dueNs } = change;
    if (dueNs > nowNs) return false;
    const serving = this.#serving.get(from)!;
    if (serving.reduce((sum, one) => sum + one, 0) < 2) return false;
    change.leaver = serving.lastIndexOf(1);
    change.beganNs = nowNs;
    serving[change.leaver] = 0;
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
    const joiner = this.#nextSpare.get(to)!;
    assert(joiner < to.workers.length, `pool ${to.name} has no number for another worker`);
    this.#nextSpare.set(to, joiner + 1);
    change.joiner = joiner;
    change.joinedNs = nowNs;
    to.places[joiner] = from.places[change.leaver]!;
    this.#serving.get(to)![joiner] = 1;
    for (const [rank, target] of to.targetsOf(joiner).entries()) {
      to.router.describeTarget(target, { worker: joiner, rank }, nowNs);
      to.router.addTarget(target, nowNs);
    }
    return true;
  }
}

/** How many workers will join a pool of that name in the run. */
export function joinersOf(schedule: ClusterConfig['schedule'], name: string): number {
  const joining = (schedule ?? []).filter(({ to }) => to === name);
  return joining.reduce((sum, { workers }) => sum + workers, 0);
}
