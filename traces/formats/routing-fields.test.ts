import { expect, test } from 'vitest';
import { routingRow } from '../routing.ts';
import { RoutingFields } from './routing-fields.ts';

const place = { file: 'a.jsonl', line: 3 };

const FULL = {
  required_taints: ['h100'],
  preferred_taints: { 'dynamo.topology/zone=a': 0.5 },
  lora_name: 'sql',
  backend_instance_id: 2,
  dp_rank: 1,
  allowed_workers: [2, 0],
  excluded_workers: [1],
  embedding_holders: [],
  router_config_override: {
    overlap_score_credit: 0,
    assume_kv_reuse: false,
    router_temperature: 1,
  },
};

test('everything that a row may ask for, and back to the same keys', () => {
  const routing = new RoutingFields().read({ ...FULL, hash_ids: [1] }, place)!;
  expect(routing).toEqual({
    requiredTaints: ['h100'],
    preferredTaints: { 'dynamo.topology/zone=a': 0.5 },
    loraName: 'sql',
    backendInstanceId: 2,
    dpRank: 1,
    allowedWorkers: [2, 0],
    excludedWorkers: [1],
    embeddingHolders: [],
    override: { overlapScoreCredit: 0, assumeKvReuse: false, routerTemperature: 1 },
  });
  expect(routingRow(routing)).toEqual(FULL);
});

test('rows that ask for the same share an object; null asks for nothing', () => {
  const fields = new RoutingFields();
  const first = fields.read({ required_taints: ['a', 'b'], lora_name: 'x' }, place);
  expect(fields.read({ lora_name: 'x', required_taints: ['a', 'b'] }, place)).toBe(first);
  expect(fields.read({ required_taints: ['b'] }, place)).not.toBe(first);
  expect(fields.read({ required_taints: null, hash_ids: [] }, place)).toBeUndefined();
});

test.each([
  [{ required_taints: 'h100' }, /required_taints: bad value; received "h100"; allowed: a list/],
  [{ required_taints: ['h100', ''] }, /required_taints: bad value/],
  [{ preferred_taints: [1] }, /preferred_taints: bad value; .* a mapping of names to weights/],
  [{ preferred_taints: { a: 'much' } }, /a: not a usable number; received "much"/],
  [{ preferred_taints: { a: null } }, /preferred_taints: bad value/],
  [
    { allowed_workers: 1 },
    /allowed_workers: bad value; received 1; allowed: a list of the numbers of workers/,
  ],
  [{ excluded_workers: [-1] }, /excluded_workers: bad value/],
  [{ embedding_holders: ['a'] }, /embedding_holders: bad value/],
  [
    { router_config_override: { shared_cache_multiplier: 1 } },
    /shared_cache_multiplier: no tier below GPU memory is flown yet; leave it out/,
  ],
  [{ backend_instance_id: 1.5 }, /backend_instance_id: not a usable number/],
  [{ dp_rank: 1 }, /dp_rank: a rank without its worker; received 1; add backend_instance_id/],
  [
    { router_config_override: { temperature: 1 } },
    /router_config_override.temperature: unknown key/,
  ],
  [{ router_config_override: { assume_kv_reuse: 1 } }, /assume_kv_reuse: bad value; received 1/],
])('%j is refused', (record, message) => {
  expect(() => new RoutingFields().read(record, place)).toThrow(message);
});
