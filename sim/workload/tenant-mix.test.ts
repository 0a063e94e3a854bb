import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { TenantMix } from './tenant-mix.ts';

const MIX = [
  { name: 'paid', share: 3, priority: -5 },
  { name: 'free', share: 1, policy_class: 'batch' },
  { name: 'internal', strict_priority: 2 },
];

test('requests without a session are drawn one by one, by the shares', () => {
  const mix = new TenantMix(MIX, openStream(3, 'test'));
  const names = Array.from({ length: 4_000 }, () => mix.tenantOf(undefined));
  const paid = names.filter((name) => name === 'paid').length;
  expect(Math.abs(paid / 4_000 - 0.75)).toBeLessThan(0.03);
  expect(new Set(names)).toEqual(new Set(['paid', 'free']));
});

test('a session belongs to one tenant', () => {
  const mix = new TenantMix(MIX, openStream(3, 'test'));
  const sessions = Array.from({ length: 50 }, (_, index) => `s${index}`);
  const first = sessions.map((session) => mix.tenantOf(session));
  expect(sessions.map((session) => mix.tenantOf(session))).toEqual(first);
  expect(new Set(first).size).toBe(2);
});

test('settings go by name; without shares nobody is drawn', () => {
  const mix = new TenantMix([{ name: 'paid', priority: -5 }], openStream(3, 'test'));
  expect([mix.tenantOf(undefined), mix.tenantOf('s')]).toEqual([undefined, undefined]);
  expect(mix.settingsOf('paid')?.priority).toBe(-5);
  expect([mix.settingsOf('free'), mix.settingsOf(undefined)]).toEqual([undefined, undefined]);
});
