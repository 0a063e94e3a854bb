import type { Contradiction } from './contradiction.ts';
import type { ClusterConfig } from './schema.ts';

/** The groups of the fleet make up the fleet. */
export function groupContradictions({ groups, workers }: ClusterConfig): readonly Contradiction[] {
  if (groups === undefined) return [];
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
