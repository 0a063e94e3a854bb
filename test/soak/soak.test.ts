import { expect, test } from 'vitest';
import { PROPERTY_SEED } from '../property-seed.ts';
import { planFaults } from './fault-plan.ts';
import { soak } from './soak.ts';

test('engines are killed and lose events, clients leave: no other request is lost, and books drain', async () => {
  const seed = PROPERTY_SEED;
  const { tally, faults, problems, decisions } = await soak({
    ...{ seed, durationMs: 8_000, ratePerS: 60, faults: 40 },
  });
  expect(problems).toEqual([]);
  const kinds = new Set(faults.map(({ kind }) => kind));
  expect(kinds).toContain('engine killed');
  expect(kinds).toContain('NATS restarted');
  expect(tally.whole).toBeGreaterThan(100);
  expect(tally.left).toBeGreaterThan(0);
  expect(tally.whole + tally.left).toBe(tally.sent);
  expect(decisions).toBeGreaterThan(tally.whole);
});

test('the same seed plans the same faults, and hurts one engine at a time', () => {
  const plan = planFaults(7, 600, 1_800_000, 3);
  expect(planFaults(7, 600, 1_800_000, 3)).toEqual(plan);
  expect(planFaults(8, 600, 1_800_000, 3)).not.toEqual(plan);
  const harmless = new Set(['events lost', 'engine slow', 'NATS restarted']);
  const out = plan.filter(({ kind }) => !harmless.has(kind));
  const gaps = out.slice(1).map(({ atMs }, at) => atMs - out[at]!.atMs);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(2_700);
  expect(new Set(plan.map(({ kind }) => kind)).size).toBe(8);
});
