import { expect, test } from 'vitest';
import { PROPERTY_SEED } from '../property-seed.ts';
import { feedLive } from './live-inputs.ts';

test('damaged inputs bring nothing down that reads what clients and engines send', async () => {
  expect(await feedLive(PROPERTY_SEED, 400)).toBeUndefined();
});
