import { nearestName } from '#core/base/nearest.ts';
import type { Contradiction } from './contradiction.ts';
import { isDisaggregated, poolsOf } from './pools.ts';
import type { ValidatedConfig } from './schema.ts';

/** What workers that change pools cannot do. */
export function scheduleContradictions(config: ValidatedConfig): readonly Contradiction[] {
  const { schedule } = config.cluster;
  if (schedule === undefined) return [];
  if (!isDisaggregated(config)) {
    const why = 'there is no other pool to go to';
    const remedy = 'leave it out, or set cluster.pools with the roles prefill and decode';
    return [{ path: 'cluster.schedule', why, remedy }];
  }
  const found = schedule.flatMap((_, entry) => entryContradictions(config, entry));
  return found.length > 0 ? found : emptyContradictions(config);
}

function entryContradictions(config: ValidatedConfig, entry: number): readonly Contradiction[] {
  const pools = poolsOf(config);
  const { from, to } = config.cluster.schedule![entry]!;
  const path = `cluster.schedule[${entry}]`;
  const names = pools.map(({ name }) => name);
  for (const [key, name] of [
    ['from', from],
    ['to', to],
  ] as const) {
    if (names.includes(name)) continue;
    const nearest = nearestName(name, names);
    const remedy =
      nearest === undefined ? `name one of ${names.join(', ')}` : `did you mean "${nearest}"?`;
    return [{ path: `${path}.${key}`, why: `no pool is called ${name}`, remedy }];
  }
  if (from === to) {
    const why = `a worker of ${from} is there already`;
    return [{ path: `${path}.to`, why, remedy: 'name the other pool' }];
  }
  const [gpus, others] = [from, to].map(
    (name) => pools.find((pool) => pool.name === name)!.config.cluster.gpus_per_worker,
  );
  if (gpus !== others) {
    const why = `a worker of ${from} has ${gpus} GPUs and one of ${to} ${others}, and GPUs neither come nor go`;
    return [{ path, why, remedy: 'give both pools the same gpus_per_worker' }];
  }
  const grouped = pools.find(({ config: { cluster } }) => cluster.groups !== undefined);
  if (grouped === undefined) return [];
  const why = `the groups of ${grouped.name} say by its number what a worker is, and a worker that changes pools gets a new one`;
  return [{ path, why, remedy: 'leave out the groups, or cluster.schedule' }];
}

/** A pool that nobody is left in, even if all that have been sent to it had arrived at once. */
function emptyContradictions(config: ValidatedConfig): readonly Contradiction[] {
  const workers = new Map(
    poolsOf(config).map(({ name, config: { cluster } }) => [name, cluster.workers]),
  );
  const entries = [...config.cluster.schedule!.entries()];
  for (const [entry, change] of entries.sort(([, a], [, b]) => a.at_ms - b.at_ms)) {
    const left = workers.get(change.from)! - change.workers;
    if (left < 1) {
      const path = `cluster.schedule[${entry}].workers`;
      const why = `${change.from} has ${workers.get(change.from)} by then, and one at least must stay`;
      return [{ path, why, remedy: 'move fewer' }];
    }
    workers.set(change.from, left);
    workers.set(change.to, workers.get(change.to)! + change.workers);
  }
  return [];
}
