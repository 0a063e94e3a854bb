import { expect, test } from 'vitest';
import { PROPERTY_SEED } from '../property-seed.ts';
import { flySwarm } from './swarm.ts';

/** Part of the swarm that every run of the tests flies; `npm run test:swarm` flies it all. */
const RUNS = 300;

/** What so few clusters need not have had: states that one in a hundred reaches or fewer. */
const RARE = /^state: rejected: /;

test('every law holds for the first clusters of the swarm, which try nearly everything', () => {
  const seed = Number(process.env.WINDTUNNEL_SEED ?? PROPERTY_SEED);
  const { tally, failure } = flySwarm({ seed, runs: RUNS });
  expect(failure).toBeUndefined();
  expect(tally.missing.filter((name) => !RARE.test(name))).toEqual([]);
});
