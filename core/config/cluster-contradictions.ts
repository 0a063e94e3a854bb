import type { Contradiction } from './contradiction.ts';
import type { ValidatedConfig } from './schema.ts';

/** The groups of the fleet make up the fleet, and say nothing that nobody reads. */
export function groupContradictions({
  cluster: { groups, workers },
  router,
}: ValidatedConfig): readonly Contradiction[] {
  if (groups === undefined) return [];
  const device = groups.findIndex((group) => group.device !== undefined);
  if (device >= 0 && router.mode !== 'device_aware_weighted') {
    return [
      {
        path: `cluster.groups[${device}].device`,
        why: 'only the mode device_aware_weighted reads it',
        remedy: 'leave it out, or set router.mode to device_aware_weighted',
      },
    ];
  }
  const sum = groups.reduce((total, group) => total + group.count, 0);
  if (sum === workers) return [];
  return [
    {
      path: 'cluster.groups',
      why: `its counts add up to ${sum}, and cluster.workers is ${workers}`,
      remedy: `set cluster.workers to ${sum}, or change a count`,
    },
  ];
}
