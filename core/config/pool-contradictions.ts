import type { Contradiction } from './contradiction.ts';
import { encodeContradictions } from './encode-contradictions.ts';
import {
  encodePoolOf,
  isDisaggregated,
  type PoolConfig,
  type PoolEntry,
  poolsOf,
} from './pools.ts';
import type { ValidatedConfig } from './schema.ts';

/** What is wrong with the pools as a whole, and with what goes from one to the other. */
export function poolContradictions(config: ValidatedConfig): readonly Contradiction[] {
  const { pools } = config.cluster;
  if (pools === undefined) return transferContradictions(config);
  const roles = roleContradictions(pools);
  if (roles.length > 0) return roles;
  const encode = encodeContradictions(config);
  if (encode.length > 0) return encode;
  return [
    ...nameContradictions(pools),
    ...unlikeContradictions(config),
    ...transferContradictions(config),
  ];
}

function roleContradictions(pools: readonly PoolEntry[]): readonly Contradiction[] {
  const count = (role: PoolEntry['role']): number =>
    pools.filter((pool) => pool.role === role).length;
  const path = 'cluster.pools';
  for (const role of ['aggregated', 'prefill', 'decode', 'encode'] as const) {
    if (count(role) < 2) continue;
    const why = `${count(role)} pools have the role ${role}, and requests go to one pool of a role`;
    return [{ path, why, remedy: 'make one pool of them, or give the others another role' }];
  }
  if (count('aggregated') === 1 && count('prefill') + count('decode') > 0) {
    const why = 'a request that arrives goes to the aggregated pool or to the prefill pool';
    return [{ path, why, remedy: 'leave one of the two out' }];
  }
  if (count('encode') === pools.length) {
    const why = 'nobody computes the prompts whose images are encoded';
    const remedy =
      'add a pool with role: aggregated, or one with role: prefill and one with decode';
    return [{ path, why, remedy }];
  }
  const missing = count('prefill') - count('decode');
  if (missing === 0) return [];
  const why =
    missing > 0
      ? 'no pool has the role decode, and nobody takes over what the prefill workers have computed'
      : 'no pool has the role prefill, and nobody computes the prompts for the decode workers';
  const other = missing > 0 ? 'decode' : 'prefill';
  const remedy = `add a pool with role: ${other}, or make this one role: aggregated`;
  return [{ path, why, remedy }];
}

function nameContradictions(pools: readonly PoolEntry[]): readonly Contradiction[] {
  const names = pools.map(({ name, role }) => name ?? role);
  const twin = names.findIndex((name, index) => names.indexOf(name) < index);
  if (twin < 0) return [];
  const why = `another pool is called ${names[twin]} too`;
  return [{ path: `cluster.pools[${twin}].name`, why, remedy: 'give each pool its own name' }];
}

/** What both sides of a transfer must have alike. */
const ALIKE = [
  {
    key: 'block_size',
    why: (prefill: unknown, decode: unknown) =>
      `prefill workers have KV blocks of ${prefill} tokens and decode workers of ${decode}, and a block cannot be handed over in parts`,
  },
  {
    key: 'backend',
    why: (prefill: unknown, decode: unknown) =>
      `a KV block of ${prefill} means nothing to ${decode}, and the two hand requests over in different ways`,
  },
] as const;

function unlikeContradictions(config: ValidatedConfig): readonly Contradiction[] {
  const [prefill, decode] = poolsOf(config);
  if (prefill === undefined || decode === undefined) return [];
  return ALIKE.flatMap(({ key, why }) => {
    const values = [prefill.config.engine[key], decode.config.engine[key]] as const;
    if (values[0] === values[1]) return [];
    const path = pathOfKey(config, [decode, prefill], `engine.${key}`);
    return [{ path, why: why(...values), remedy: `set engine.${key} once, for both pools` }];
  });
}

/** Where the first pool that has a key of its own has it. */
function pathOfKey(
  config: ValidatedConfig,
  pools: readonly PoolConfig<ValidatedConfig>[],
  path: string,
): string {
  const owners = pools.flatMap(({ entry }) =>
    entry !== undefined && writes(entry, path) ? [entry] : [],
  );
  const [owner] = owners;
  if (owner === undefined) return path;
  return `cluster.pools[${config.cluster.pools!.indexOf(owner)}].${path}`;
}

/** Whether a pool has a key such as `engine.block_size` of its own. */
export function writes(entry: PoolEntry, path: string): boolean {
  const [section = '', key = ''] = path.split('.');
  const own = section === 'engine' ? entry.engine : section === 'router' ? entry.router : undefined;
  return own !== undefined && Object.hasOwn(own, key);
}

function transferContradictions(config: ValidatedConfig): readonly Contradiction[] {
  if (!isDisaggregated(config)) return [];
  const { bytes_per_token: bytes, bandwidth_gb_s: bandwidth } = config.kv_transfer;
  const streaming = streamingContradictions(config.kv_transfer);
  if (streaming.length > 0) return streaming;
  const isShared = config.network.mode === 'shared';
  if (bytes !== undefined && bandwidth === undefined && !isShared) {
    return [
      {
        path: 'kv_transfer.bytes_per_token',
        why: 'what a transfer moves is known, and not how fast',
        remedy:
          'set kv_transfer.bandwidth_gb_s, such as 50 for a NIC of 400 Gb/s, or network.mode to shared; leave both out for transfers that take no time',
      },
    ];
  }
  const sendsItems = encodePoolOf(config)?.encode.bytes_per_item !== undefined;
  if (bandwidth === undefined || bytes !== undefined || sendsItems) return [];
  return [
    {
      path: 'kv_transfer.bandwidth_gb_s',
      why: 'how fast a transfer is is known, and not what it moves',
      remedy:
        'set kv_transfer.bytes_per_token, such as 131072 for Llama-3.1-8B in 16 bit, or engine.timing.type to model; leave both out for transfers that take no time',
    },
  ];
}

function streamingContradictions(
  transfer: ValidatedConfig['kv_transfer'],
): readonly Contradiction[] {
  const { streaming, order, num_layers } = transfer;
  if (streaming !== 'none' && order === 'source_first') {
    return [
      {
        path: 'kv_transfer.order',
        why: 'a cache that is streamed needs room on a decode worker before its prompt is computed',
        remedy: 'leave it out, or set kv_transfer.streaming to none',
      },
    ];
  }
  if (streaming !== 'layers' || num_layers !== undefined) return [];
  return [
    {
      path: 'kv_transfer.streaming',
      why: 'how much the last layer is, which a pass leaves to be sent, is not known',
      remedy: 'set kv_transfer.num_layers, such as 32 for Llama-3.1-8B or 80 for 70B',
    },
  ];
}
