import { expect, test } from 'vitest';
import { InputError } from '#core/base/errors.ts';
import { blockHashes, sequenceHashes } from './block-hash.ts';
import { trackingHashes, trackingSeeds } from './tracking-hash.ts';

const range = (count: number) => Array.from({ length: count }, (_, at) => at);

test('the public algorithm is the plain chain', () => {
  const salt = { loraName: 'adapter-a', cacheNamespace: 'tenant-a' };
  const algorithm = { kind: 'public-xxh3-v1', blockSize: 4 } as const;
  expect(trackingHashes(algorithm, range(8), salt)).toEqual(
    sequenceHashes(blockHashes(range(8), 4, salt)),
  );
});

test('keyed seeds and hashes', () => {
  const key = new Uint8Array(32).fill(0x5a);
  const scope = { keyId: '2026-01', model: 'model-a', routingGroup: 'tenant-a', blockSize: 4 };
  const salt = { loraName: 'adapter-a', cacheNamespace: 'cache-a' };
  expect(trackingSeeds(key, scope, salt)).toEqual({
    block: 18195031674076271517n,
    chain: 8617989506309882921n,
  });
  expect(
    Array.from(trackingHashes({ kind: 'keyed-xxh3-v1', key, scope }, range(12), salt)),
  ).toEqual([4363769719052127296n, 14998523962162619427n, 13920914207884994756n]);
});

test('keyed hashes with an image, and with Eagle windows', () => {
  const key = new Uint8Array(32).fill(0x41);
  const scope = { keyId: '2026-01', model: 'model', routingGroup: 'default', blockSize: 4 };
  const algorithm = { kind: 'keyed-xxh3-v1', key, scope } as const;
  const multimodalHashes = [[42n], undefined];
  expect(Array.from(trackingHashes(algorithm, range(10), { multimodalHashes }))).toEqual([
    13077030603177067515n,
    12131634976806651614n,
  ]);
  expect(Array.from(trackingHashes(algorithm, range(10), { eagle: true }))).toEqual([
    18351479723295049348n,
    8577555336206814019n,
  ]);
});

test('a key of another length is refused', () => {
  const scope = { keyId: 'a', model: 'm', routingGroup: 'default', blockSize: 4 };
  expect(() => trackingSeeds(new Uint8Array(31), scope)).toThrow(InputError);
});
