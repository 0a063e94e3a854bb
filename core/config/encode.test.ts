import { expect, test } from 'vitest';
import { writableConfig } from './effect.ts';
import { encodePoolOf, isDisaggregated, poolsOf, schedulersOf } from './pools.ts';
import { resolveConfig } from './resolve.ts';
import type { ConfigInput } from './schema.ts';

const ENCODE = { role: 'encode', workers: 2, encode: { ms_per_item: 40 } } as const;
const WHOLE = { role: 'aggregated', workers: 3 } as const;
const PREFILL = { role: 'prefill', workers: 2 } as const;
const DECODE = { role: 'decode', workers: 1 } as const;
const SENDING = { ...ENCODE, encode: { ms_per_item: 40, bytes_per_item: 1e6 } } as const;

test('a pool that encodes stands beside those with engines', () => {
  const config = resolveConfig({ cluster: { pools: [WHOLE, ENCODE] } });
  expect(encodePoolOf(config)).toEqual({
    role: 'encode',
    workers: 2,
    gpus_per_worker: 1,
    encode: { ms_per_item: 40, base_ms: 0, batch_items: 1, cache_items: 1024 },
  });
  expect(poolsOf(config).map(({ name }) => name)).toEqual(['aggregated']);
  expect(isDisaggregated(config)).toBe(false);
  expect(schedulersOf(config)).toBe(3);
  expect(encodePoolOf(resolveConfig({}))).toBeUndefined();
});

test('what is written of it is read again as it was', () => {
  const cluster = { pools: [SENDING, PREFILL, DECODE] };
  const config = resolveConfig({ cluster, kv_transfer: { bandwidth_gb_s: 50 } });
  expect(isDisaggregated(config)).toBe(true);
  expect(resolveConfig(writableConfig(config))).toEqual(config);
});

const REFUSED: readonly (readonly [why: string, input: ConfigInput, message: string])[] = [
  [
    'nobody who computes prompts',
    { cluster: { pools: [ENCODE] } },
    'cluster.pools: impossible: nobody computes the prompts whose images are encoded',
  ],
  [
    'prompts that nobody decodes',
    { cluster: { pools: [ENCODE, PREFILL] } },
    'cluster.pools: impossible: no pool has the role decode',
  ],
  [
    'two of them',
    { cluster: { pools: [ENCODE, { ...ENCODE, name: 'b' }, WHOLE] } },
    'cluster.pools: impossible: 2 pools have the role encode',
  ],
  [
    'no time an item',
    { cluster: { pools: [{ role: 'encode', workers: 1 }, WHOLE] } },
    'cluster.pools[0]: impossible: nothing says how long an item takes',
  ],
  [
    'encode keys of a pool that does not',
    { cluster: { pools: [{ ...WHOLE, encode: { ms_per_item: 1 } }] } },
    'cluster.pools[0].encode: impossible: workers of role aggregated encode nothing',
  ],
  [
    'an engine',
    { cluster: { pools: [{ ...ENCODE, engine: { max_num_seqs: 3 } }, WHOLE] } },
    'cluster.pools[0].engine: impossible: a worker that encodes has no engine',
  ],
  [
    'a router',
    { cluster: { pools: [{ ...ENCODE, router: { mode: 'random' } }, WHOLE] } },
    'cluster.pools[0].router: impossible: a worker that encodes has no engine',
  ],
  [
    'embeddings that are sent nobody knows how fast',
    { cluster: { pools: [SENDING, WHOLE] } },
    'cluster.pools[0].encode.bytes_per_item: impossible: how much embeddings are is known, and not how fast they are sent; received 1000000; set kv_transfer.bandwidth_gb_s',
  ],
  [
    'embeddings over links',
    {
      cluster: { pools: [SENDING, PREFILL, DECODE] },
      kv_transfer: { bytes_per_token: 1, bandwidth_gb_s: 1 },
      network: { mode: 'shared' },
    },
    'cluster.pools[0].encode.bytes_per_item: impossible: embeddings are sent before a worker is chosen',
  ],
  [
    'a bandwidth for nothing',
    { cluster: { pools: [ENCODE, WHOLE] }, kv_transfer: { bandwidth_gb_s: 1 } },
    'kv_transfer.bandwidth_gb_s: has no effect: no prefill worker hands anything over to a decode worker, and no embeddings are sent',
  ],
  [
    'a misspelt key',
    { cluster: { pools: [{ ...ENCODE, encode: { ms_per_items: 1 } } as never, WHOLE] } },
    'did you mean "ms_per_item"?',
  ],
];

test.each(REFUSED)('%s: refused', (_, input, message) => {
  expect(() => resolveConfig(input)).toThrow(message);
});
