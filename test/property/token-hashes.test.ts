import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BlockHashOptions, blockHashes, sequenceHashes } from '#core/tokens/block-hash.ts';
import { type TrackingScope, trackingSeeds } from '#core/tokens/tracking-hash.ts';
import { check } from './check.ts';

const tokens = fc.array(fc.nat({ max: 0xffff_ffff }), { maxLength: 40 });
const blockSize = fc.integer({ min: 1, max: 9 });
const name = fc.string({ minLength: 1, maxLength: 6 });
const drawn = fc.record({ tokens, blockSize, eagle: fc.boolean() });

function hashesOf(prompt: readonly number[], size: number, options: BlockHashOptions = {}) {
  return sequenceHashes(blockHashes(prompt, size, options));
}

function expectDisjoint(left: BigUint64Array, right: BigUint64Array): void {
  expect(left.length).toBe(right.length);
  expect(left.filter((hash) => right.includes(hash))).toHaveLength(0);
}

test('only full blocks have hashes; tokens behind the last one change none', () => {
  check(fc.tuple(drawn, tokens), 300, ([{ tokens: prompt, blockSize: size, eagle }, more]) => {
    const hashes = hashesOf(prompt, size, { eagle });
    const covered = Math.max(0, prompt.length - (eagle ? 1 : 0));
    expect(hashes).toHaveLength(Math.floor(covered / size));
    const full = hashes.length * size + (eagle ? 1 : 0);
    const tail = more.slice(0, size - 1);
    expect(hashesOf([...prompt.slice(0, full), ...tail], size, { eagle })).toEqual(hashes);
  });
});

test('prompts have as many equal leading hashes as equal leading blocks', () => {
  const letters = fc.array(fc.nat({ max: 1 }), { maxLength: 24 });
  check(fc.tuple(letters, letters, blockSize), 500, ([left, right, size]) => {
    const ofLeft = hashesOf(left, size);
    const ofRight = hashesOf(right, size);
    for (let block = 0; block < Math.min(ofLeft.length, ofRight.length); block++) {
      const end = (block + 1) * size;
      const equal = left.slice(0, end).join() === right.slice(0, end).join();
      expect(ofLeft[block] === ofRight[block]).toBe(equal);
    }
  });
});

test('an adapter, a namespace and an object each set all hashes apart', () => {
  check(fc.tuple(drawn, name, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })), 200, (value) => {
    const [{ tokens: prompt, blockSize: size }, salt, object] = value;
    const plain = hashesOf(prompt, size);
    const salted = [
      hashesOf(prompt, size, { loraName: salt }),
      hashesOf(prompt, size, { cacheNamespace: salt }),
      hashesOf(prompt, size, { loraName: salt, cacheNamespace: salt }),
      hashesOf(prompt, size, { multimodalHashes: plainArray(plain.length, object) }),
    ];
    for (const [at, hashes] of salted.entries()) {
      expectDisjoint(plain, hashes);
      for (const other of salted.slice(at + 1)) expectDisjoint(hashes, other);
    }
  });
});

function plainArray(blocks: number, object: bigint): bigint[][] {
  return Array.from({ length: blocks }, () => [object]);
}

test('an empty salt is none', () => {
  check(drawn, 100, ({ tokens: prompt, blockSize: size, eagle }) => {
    const empty = { loraName: '', cacheNamespace: '', multimodalHashes: [[], undefined], eagle };
    expect(hashesOf(prompt, size, empty)).toEqual(hashesOf(prompt, size, { eagle }));
  });
});

test('the order of the objects of a block does not matter', () => {
  const objects = fc.uniqueArray(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { maxLength: 5 });
  const shuffled = objects.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  );
  check(
    fc.tuple(drawn, shuffled),
    200,
    ([{ tokens: prompt, blockSize: size }, [first, second]]) => {
      const left = hashesOf(prompt, size, { multimodalHashes: [first] });
      expect(hashesOf(prompt, size, { multimodalHashes: [second] })).toEqual(left);
    },
  );
});

const scope = fc.record({ keyId: name, model: name, routingGroup: name, blockSize });
const salts = fc.record({ cacheNamespace: name, loraName: name, eagle: fc.boolean() });

test('a keyed hash changes with the key and with every field that is framed', () => {
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
  check(fc.tuple(key, scope, salts, fc.nat({ max: 31 })), 200, ([secret, of, salt, at]) => {
    const otherKey = secret.map((byte, place) => (place === at ? byte ^ 1 : byte));
    const scopes: TrackingScope[] = [
      { ...of, keyId: `${of.keyId}x` },
      { ...of, model: `${of.model}x` },
      { ...of, routingGroup: `${of.routingGroup}x` },
      { ...of, blockSize: of.blockSize + 1 },
      // A letter moved over the border of two fields, which mere concatenation would not see.
      { ...of, keyId: of.keyId + of.model[0]!, model: of.model.slice(1) },
    ];
    const options: BlockHashOptions[] = [
      { ...salt, cacheNamespace: `${salt.cacheNamespace}x` },
      { ...salt, cacheNamespace: '' },
      { ...salt, loraName: `${salt.loraName}x` },
      { ...salt, loraName: '' },
      { ...salt, eagle: !salt.eagle },
    ];
    const seeds = [
      trackingSeeds(secret, of, salt),
      trackingSeeds(otherKey, of, salt),
      ...scopes.map((other) => trackingSeeds(secret, other, salt)),
      ...options.map((other) => trackingSeeds(secret, of, other)),
    ];
    for (const part of ['block', 'chain'] as const) {
      expect(new Set(seeds.map((seed) => seed[part])).size).toBe(seeds.length);
    }
    expect(trackingSeeds(secret, of, salt)).toEqual(seeds[0]);
  });
});
