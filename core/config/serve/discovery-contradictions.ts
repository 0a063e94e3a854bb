import type { Contradiction } from '../contradiction.ts';
import type { DiscoveryConfig } from './discovery.ts';

/** Whether engines may be found that the config does not list. */
export function findsEngines(discovery: DiscoveryConfig | undefined): boolean {
  return discovery?.file !== undefined;
}

/** What is wrong with the places where engines are looked for. */
export function discoveryContradictions(
  discovery: DiscoveryConfig | undefined,
): readonly Contradiction[] {
  if (discovery === undefined || findsEngines(discovery)) return [];
  const why = 'no place is named where engines are found';
  return [{ path: 'discovery', why, remedy: 'name one, {file: {path: engines.yaml}} say' }];
}
