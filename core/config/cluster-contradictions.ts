import type { Contradiction } from './contradiction.ts';
import type { ValidatedConfig } from './schema.ts';

/** The groups of the fleet make up the fleet, and say nothing that nobody reads. */
export function groupContradictions(
  { cluster: { groups, workers }, router }: ValidatedConfig,
  place = 'cluster',
): readonly Contradiction[] {
  if (groups === undefined) return [];
  const device = groups.findIndex((group) => group.device !== undefined);
  if (device >= 0 && router.mode !== 'device_aware_weighted') {
    return [
      {
        path: `${place}.groups[${device}].device`,
        why: 'only the mode device_aware_weighted reads it',
        remedy: 'leave it out, or set router.mode to device_aware_weighted',
      },
    ];
  }
  const sum = groups.reduce((total, group) => total + group.count, 0);
  if (sum === workers) return [];
  return [
    {
      path: `${place}.groups`,
      why: `its counts add up to ${sum}, and ${place}.workers is ${workers}`,
      remedy: `set ${place}.workers to ${sum}, or change a count`,
    },
  ];
}
