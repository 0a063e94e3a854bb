import { expect, test } from 'vitest';
import { freeTransferLines } from './free-transfers.ts';
import type { Report } from './report.ts';

function lines(config: object, summary: object = { hand_offs: {} }): readonly string[] {
  return freeTransferLines({ config, summary } as Report);
}

test('hand-offs of which nothing is said are called free, with the keys that say otherwise', () => {
  const free = 'KV transfers from prefill to decode take no time; to time them set kv_transfer';
  expect(lines({})).toEqual([`${free}.bytes_per_token and kv_transfer.bandwidth_gb_s`]);
  expect(lines({ engine: { timing: { type: 'model' } } })).toEqual([
    `${free}.bandwidth_gb_s, or network.mode to shared`,
  ]);
  expect(lines({ kv_transfer: { bytes_per_token: 7 } })).toEqual([]);
  expect(lines({}, {})).toEqual([]);
});
