import { expect, test } from 'vitest';
import { HashForest } from '#core/tokens/hash-forest.ts';
import { type TrackingAlgorithm, trackingHashes } from '#core/tokens/tracking-hash.ts';
import { ActiveSequences } from './active-sequences.ts';

test('under keyed tracking hashes equal prompts of two keys share no blocks', () => {
  const tokens = Array.from({ length: 12 }, (_, token) => token);
  const scope = { keyId: 'k', model: 'm', routingGroup: 'g', blockSize: 4 };
  const keyed = (byte: number): TrackingAlgorithm => ({
    kind: 'keyed-xxh3-v1',
    key: new Uint8Array(32).fill(byte),
    scope,
  });
  const forest = new HashForest();
  const sequences = new ActiveSequences(forest);
  for (const [request, algorithm] of [keyed(1), keyed(1), keyed(2)].entries()) {
    const leaf = forest.intern(trackingHashes(algorithm, tokens));
    sequences.add(request, 0, { leaf, leafBlocks: 1, privateBlocks: 0, prefillTokens: 0 });
  }
  expect(sequences.activeBlocks[0]).toBe(6);
});
