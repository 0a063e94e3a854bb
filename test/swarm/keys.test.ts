import { expect, test } from 'vitest';
import { DRAWN_KEYS } from './keys.ts';
import { drawFlight } from './mix.ts';
import { writtenPaths } from './settle.ts';

test('every key of the config is drawn by some feature, or said not to be', () => {
  const written = new Set<string>();
  for (let seed = 0; seed < 2_000; seed++) {
    for (const key of writtenPaths(drawFlight(seed).flight)) written.add(key);
  }
  const remedy = 'write it in a feature of test/swarm/features, or say in keys.ts why none does';
  expect(
    DRAWN_KEYS.filter((key) => !written.has(key)),
    remedy,
  ).toEqual([]);
});
