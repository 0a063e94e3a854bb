import type { Contradiction } from '../contradiction.ts';
import {
  DEFAULT_INTERVAL_SECS,
  type DiscoveryConfig,
  type DynamoDiscoveryConfig,
} from './discovery.ts';

/** Whether engines may be found that the config does not list. */
export function findsEngines(discovery: DiscoveryConfig | undefined): boolean {
  return discovery?.file !== undefined || discovery?.dynamo !== undefined;
}

/** What is wrong with the places where engines are looked for. */
export function discoveryContradictions(
  discovery: DiscoveryConfig | undefined,
): readonly Contradiction[] {
  if (discovery === undefined) return [];
  if (findsEngines(discovery)) return dynamoContradictions(discovery.dynamo);
  const why = 'no place is named where engines are found';
  return [{ path: 'discovery', why, remedy: 'name one, {file: {path: engines.yaml}} say' }];
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
