import { assert } from '#core/base/assert.ts';
import { msToNs } from '#core/base/time.ts';
import type { ClusterConfig } from '#core/config/schema.ts';
import type { Pool } from './pool.ts';
import type { RoleChanges } from './role-changes.ts';

/** `cluster.schedule`: workers that change pools at times which the config sets. */
export type RoleSchedule = NonNullable<ClusterConfig['schedule']>;

/** Asks for every change of a schedule before the run begins, in the order in which they are due. */
export function askSchedule(
  schedule: RoleSchedule,
  roles: RoleChanges,
  pools: readonly Pool[],
): void {
  const poolOf = (name: string): Pool => pools.find((pool) => pool.name === name)!;
  for (const entry of schedule.toSorted((a, b) => a.at_ms - b.at_ms)) {
    const [from, to] = [poolOf(entry.from), poolOf(entry.to)];
    const wish = { from, to, costNs: msToNs(entry.cost_ms), dueNs: msToNs(entry.at_ms) };
    for (let worker = 0; worker < entry.workers; worker++) {
      assert(roles.ask(wish, 0).ok, 'a schedule that was checked is refused');
    }
  }
}

/** How many workers will join a pool of that name in the run. */
export function joinersOf(schedule: RoleSchedule | undefined, name: string): number {
  const joining = (schedule ?? []).filter(({ to }) => to === name);
  return joining.reduce((sum, { workers }) => sum + workers, 0);
}
