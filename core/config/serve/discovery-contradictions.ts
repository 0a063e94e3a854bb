import type { Contradiction } from '../contradiction.ts';
import {
  DEFAULT_INTERVAL_SECS,
  type DiscoveryConfig,
  type DnsDiscoveryConfig,
  type DynamoDiscoveryConfig,
} from './discovery.ts';
import { engineAt } from './engine-at.ts';
import { engineContradictions } from './engine-contradictions.ts';

/** Whether engines may be found that the config does not list. */
export function findsEngines(discovery: DiscoveryConfig | undefined): boolean {
  const { file, dns, dynamo } = discovery ?? {};
  return file !== undefined || dns !== undefined || dynamo !== undefined;
}

/** What is wrong with the places where engines are looked for. */
export function discoveryContradictions(
  discovery: DiscoveryConfig | undefined,
): readonly Contradiction[] {
  if (discovery === undefined) return [];
  const { dns = [], dynamo } = discovery;
  if (findsEngines(discovery)) {
    return [...dns.flatMap(dnsContradictions), ...dynamoContradictions(dynamo)];
  }
  const why = 'no place is named where engines are found';
  return [{ path: 'discovery', why, remedy: 'name one, {file: {path: engines.yaml}} say' }];
}

function dnsContradictions(
  { record, port, engine }: DnsDiscoveryConfig,
  at: number,
): readonly Contradiction[] {
  const path = `discovery.dns[${at}]`;
  if (record === 'a' && port === undefined) {
    const why = 'addresses have no ports';
    return [{ path: `${path}.port`, why, remedy: 'set it, or record to srv' }];
  }
  if (record === 'srv' && port !== undefined) {
    const why = 'SRV records have ports of their own';
    return [{ path: `${path}.port`, why, remedy: 'leave it out, or set record to a' }];
  }
  // What contradicts itself for one engine does so for all of them.
  const found = engineContradictions([engineAt(engine, { name: 'x', host: 'x', port: 1 })]);
  return found.map(({ path: of, why, remedy }) => {
    const key = of.replace('engines[0].', '');
    const isPort = key === 'kv_events' || key === 'kv_replay';
    return {
      path: `${path}.engine.${isPort ? `${key}_port` : key}`,
      why,
      remedy: remedy.replace('set kv_events', 'set kv_events_port'),
    };
  });
}

function dynamoContradictions(dynamo: DynamoDiscoveryConfig | undefined): readonly Contradiction[] {
  if (dynamo === undefined) return [];
  const path = 'discovery.dynamo';
  const { file, etcd, interval_secs } = dynamo;
  if (file === undefined && etcd === undefined) {
    const remedy = 'set file to the folder of the file store, or etcd to its servers';
    return [{ path, why: 'no store is named', remedy }];
  }
  if (file !== undefined && etcd !== undefined) {
    const why = 'the workers are in the file store already';
    return [{ path: `${path}.etcd`, why, remedy: 'leave one of file and etcd out' }];
  }
  if (file !== undefined || interval_secs === DEFAULT_INTERVAL_SECS) return [];
  const why = 'etcd tells of changes by itself';
  return [{ path: `${path}.interval_secs`, why, remedy: 'leave it out' }];
}
