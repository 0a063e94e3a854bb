import type { Contradiction } from './contradiction.ts';
import type { PoolEntry } from './pools.ts';
import type { ValidatedConfig } from './schema.ts';

/** What belongs to workers that compute prompts or tokens. */
const OF_ENGINES = ['engine', 'router', 'groups'] as const;

/** What is wrong with the pool that encodes, and with what it sends on. */
export function encodeContradictions(config: ValidatedConfig): readonly Contradiction[] {
  const pools = config.cluster.pools ?? [];
  return pools.flatMap((pool, at) => {
    const place = `cluster.pools[${at}]`;
    if (pool.role !== 'encode') return strayContradictions(pool, place);
    const found = entryContradictions(pool, place);
    return found.length > 0 ? found : sendingContradictions(config, pool, place);
  });
}

function strayContradictions(pool: PoolEntry, place: string): readonly Contradiction[] {
  if (pool.encode === undefined) return [];
  const path = `${place}.encode`;
  const why = `workers of role ${pool.role} encode nothing`;
  return [{ path, why, remedy: 'leave it out, or put it into a pool with role: encode' }];
}

function entryContradictions(pool: PoolEntry, place: string): readonly Contradiction[] {
  if (pool.encode === undefined) {
    const why = 'nothing says how long an item takes';
    return [{ path: place, why, remedy: 'add encode: {ms_per_item: 40}, or what you measured' }];
  }
  return OF_ENGINES.filter((key) => pool[key] !== undefined).map((key) => ({
    path: `${place}.${key}`,
    why: 'a worker that encodes has no engine and no router in front of it',
    remedy: 'leave it out, or put it into the pool that computes the prompts',
  }));
}

function sendingContradictions(
  { kv_transfer, network }: ValidatedConfig,
  { encode }: PoolEntry,
  place: string,
): readonly Contradiction[] {
  if (encode?.bytes_per_item === undefined) return [];
  const path = `${place}.encode.bytes_per_item`;
  if (network.mode === 'shared') {
    const why =
      'embeddings are sent before a worker is chosen for their prompt, and so over no link of the topology';
    return [{ path, why, remedy: 'leave it out, or set network.mode to independent' }];
  }
  if (kv_transfer.bandwidth_gb_s !== undefined) return [];
  const why = 'how much embeddings are is known, and not how fast they are sent';
  const remedy =
    'set kv_transfer.bandwidth_gb_s, such as 50 for a NIC of 400 Gb/s, or leave it out for embeddings that are there at once';
  return [{ path, why, remedy }];
}
