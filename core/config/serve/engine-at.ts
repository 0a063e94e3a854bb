import type { DnsDiscoveryConfig } from './discovery.ts';
import type { EngineEntry } from './engine-list.ts';

/** Where an engine was found. */
export interface EngineAddress {
  readonly name: string;
  /** A host as URLs have it: IPv6 addresses stand in brackets. */
  readonly host: string;
  readonly port: number;
}

/** The entry of an engine of a kind that was found at an address. */
export function engineAt(
  { kv_events_port, kv_replay_port, ...kind }: DnsDiscoveryConfig['engine'],
  { name, host, port }: EngineAddress,
): EngineEntry {
  return {
    ...kind,
    name,
    url: `http://${host}:${port}`,
    kv_events_mode: 'auto',
    ...(kv_events_port !== undefined && { kv_events: `tcp://${host}:${kv_events_port}` }),
    ...(kv_replay_port !== undefined && { kv_replay: `tcp://${host}:${kv_replay_port}` }),
  };
}
