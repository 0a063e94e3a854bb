import type { DiscoveryConfig } from './discovery.ts';
import type { EngineEntry } from './engine-list.ts';

/** The parts of a config that say where KV events come from. */
export interface KvEventPlaces {
  readonly engines: readonly Pick<EngineEntry, 'kv_events'>[];
  readonly discovery?: DiscoveryConfig;
}

/**
 * Whether somebody may tell the router what engines hold. Engines that are found later are taken to
 * tell it where nothing else is known of them.
 */
export function tellsKvEvents({ engines, discovery }: KvEventPlaces): boolean {
  if (engines.some(({ kv_events }) => kv_events !== undefined)) return true;
  return discovery?.file !== undefined;
}
