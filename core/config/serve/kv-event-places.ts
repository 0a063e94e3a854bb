import type { DiscoveryConfig } from './discovery.ts';
import type { EngineEntry } from './engine-list.ts';
import type { EventPlaneConfig } from './event-plane.ts';

/** The parts of a config that say where KV events come from. */
export interface KvEventPlaces {
  readonly engines: readonly Pick<EngineEntry, 'kv_events'>[];
  readonly discovery?: DiscoveryConfig;
  readonly event_plane?: EventPlaneConfig;
}

/**
 * Whether somebody may tell the router what engines hold. Engines that are found later are taken to
 * tell it where nothing else is known of them.
 */
export function tellsKvEvents({ engines, discovery, event_plane }: KvEventPlaces): boolean {
  if (event_plane?.subscribe !== undefined) return true;
  if (engines.some(({ kv_events }) => kv_events !== undefined)) return true;
  const { file, dns = [], dynamo } = discovery ?? {};
  if (dns.some(({ engine }) => engine.kv_events_port !== undefined)) return true;
  return file !== undefined || dynamo !== undefined;
}
