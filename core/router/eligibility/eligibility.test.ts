import { expect, test } from 'vitest';
import { OUTCOMES } from '../decisions.ts';
import { Fleet } from '../fleet.ts';
import type { RouteTerms } from '../route-terms.ts';
import { TermsTable } from '../terms-table.ts';
import { Eligibility } from './eligibility.ts';
import { OverloadMonitor } from './overload/overload-monitor.ts';
import type { TargetAttributes } from './target-attributes.ts';
import { withTransferTopology } from './topology.ts';

const ATTRIBUTES: readonly TargetAttributes[] = [
  { taints: ['gpu-h100'], topology: { zone: 'a' } },
  { taints: ['gpu-h100'], topology: { zone: 'b' }, loraAdapters: ['sql'] },
  { worker: 9, rank: 0, topology: { zone: 'b' } },
  { worker: 9, rank: 1, topology: { zone: 'b' }, loraAdapters: ['sql'] },
];

function build(order: readonly number[] = [0, 1, 2, 3]) {
  const fleet = new Fleet();
  const overload = new OverloadMonitor({ activePrefillTokens: 100 }, {});
  const terms = new TermsTable();
  const eligibility = new Eligibility(fleet, terms, overload);
  for (const target of order) {
    eligibility.describe(target, ATTRIBUTES[target]!);
    fleet.add(target);
    eligibility.add(target);
  }
  const overloadTarget = (target: number): void => {
    overload.report(target, 101, -1, -1);
  };
  const idOf = (wanted: RouteTerms | undefined): number => {
    if (wanted === undefined) return -1;
    terms.define(3, wanted);
    eligibility.forgetTerms(3);
    return 3;
  };
  return { fleet, eligibility, overloadTarget, idOf };
}

type Bench = ReturnType<typeof build>;

/** The outcome's name, or the eligible targets. */
function resolve(bench: Bench, terms?: RouteTerms, pin = -1): string | number[] {
  const { eligibility, idOf } = bench;
  const { name } = OUTCOMES[eligibility.resolve(pin, idOf(terms))]!;
  if (name !== 'routed') return name;
  if (pin >= 0) return [pin];
  return eligibility.everyone
    ? [0, 1, 2, 3]
    : [...eligibility.targets.subarray(0, eligibility.count)];
}

test('nobody asks for anything: the whole fleet, without a look at it', () => {
  const bench = build();
  const { eligibility } = bench;
  expect(resolve(bench)).toEqual([0, 1, 2, 3]);
  expect(eligibility.everyone).toBe(true);
});

test.each<[string, RouteTerms, string | number[]]>([
  ['a list of workers', { allowedWorkers: [1, 9, 77] }, [1, 2, 3]],
  ['workers that failed before', { excludedWorkers: [0, 9] }, [1]],
  ['an empty list of workers', { allowedWorkers: [] }, 'no_endpoints'],
  ['required taints', { requiredTaints: ['gpu-h100'] }, [0, 1]],
  ['all of them', { requiredTaints: ['gpu-h100', 'dynamo.topology/zone=b'] }, [1]],
  ['one that nobody has', { requiredTaints: ['gpu-b200'] }, 'no_endpoints'],
  ['an adapter', { loraAdapter: 'sql' }, [1, 3]],
  ['an adapter that nobody holds', { loraAdapter: 'poetry' }, [0, 1, 2, 3]],
  ['an adapter that no allowed worker holds', { allowedWorkers: [0], loraAdapter: 'sql' }, [0]],
  [
    'an adapter whose holders lack a taint',
    { loraAdapter: 'sql', requiredTaints: ['x'] },
    'no_endpoints',
  ],
  ['a preference', { preferredTaints: { 'gpu-h100': 1 } }, [0, 1, 2, 3]],
])('%s', (_name, terms, expected) => {
  for (const order of [
    [0, 1, 2, 3],
    [3, 1, 0, 2],
  ]) {
    const bench = build(order);
    expect(resolve(bench, terms)).toEqual(expected);
    expect(resolve(bench, terms)).toEqual(expected);
  }
});

test('overload is the last check, and a worker of two ranks needs both', () => {
  const bench = build();
  const { overloadTarget } = bench;
  overloadTarget(1);
  overloadTarget(2);
  expect(resolve(bench)).toEqual([0, 2, 3]);
  expect(resolve(bench, { requiredTaints: ['gpu-h100'] })).toEqual([0]);
  overloadTarget(0);
  expect(resolve(bench, { requiredTaints: ['gpu-h100'] })).toBe('all_eligible_workers_overloaded');
  expect(resolve(bench, { requiredTaints: ['gpu-b200'] })).toBe('no_endpoints');
  overloadTarget(3);
  expect(resolve(bench)).toBe('all_eligible_workers_overloaded');
});

test('a pin is judged by its target alone and never sent elsewhere', () => {
  const bench = build();
  const { fleet, eligibility, overloadTarget } = bench;
  overloadTarget(1);
  expect(resolve(bench, undefined, 0)).toEqual([0]);
  expect(resolve(bench, undefined, 1)).toBe('pinned_worker_overloaded');
  expect(resolve(bench, { requiredTaints: ['x'] }, 1)).toBe('pinned_worker_not_allowed');
  expect(resolve(bench, { allowedWorkers: [1] }, 0)).toBe('pinned_worker_not_allowed');
  expect(resolve(bench, undefined, 50)).toBe('pinned_worker_not_allowed');
  fleet.remove(0);
  eligibility.remove(0);
  expect(resolve(bench, undefined, 0)).toBe('pinned_worker_not_allowed');
});

test('what cannot be reached is not eligible until it can', () => {
  const bench = build();
  const { eligibility } = bench;
  const terms = { preferredTaints: { 'gpu-h100': 1 } };
  expect(resolve(bench, terms)).toEqual([0, 1, 2, 3]);
  eligibility.setAvailable(2, false);
  expect(resolve(bench)).toEqual([0, 1, 3]);
  expect(resolve(bench, terms)).toEqual([0, 1, 3]);
  expect(resolve(bench, undefined, 2)).toBe('pinned_worker_not_allowed');
  eligibility.setAvailable(2, true);
  expect(resolve(bench)).toEqual([0, 1, 2, 3]);
});

test('preferred weights add up and stay between 1/e and e', () => {
  const bench = build();
  const { eligibility } = bench;
  const terms = { preferredTaints: { 'gpu-h100': 0.25, 'dynamo.topology/zone=b': 0.5, other: 9 } };
  resolve(bench, terms);
  expect(eligibility.factorOf(0)).toBeCloseTo(Math.exp(-Math.tanh(0.25)), 12);
  expect(eligibility.factorOf(1)).toBeCloseTo(Math.exp(-Math.tanh(0.75)), 12);
  expect(eligibility.factorOf(2)).toBeCloseTo(Math.exp(-Math.tanh(0.5)), 12);
  const hated = { preferredTaints: { 'gpu-h100': -1000 } };
  resolve(bench, hated);
  expect([0, 2].map((target) => eligibility.factorOf(target))).toEqual([Math.E, 1]);
});

test('a pin by worker needs its rank where there are several', () => {
  const bench = build();
  const { eligibility } = bench;
  expect([eligibility.targetOf(1), eligibility.targetOf(9, 1), eligibility.targetOf(9, 4)]).toEqual(
    [1, 3, -1],
  );
  expect(() => eligibility.targetOf(9)).toThrow(/worker 9 has several ranks/);
});

test('KV stays in the domain that it comes from, as a rule or as a wish', () => {
  const zone = { domain: 'zone', preferredWeight: 0.5 };
  const bench = build();
  const { eligibility } = bench;
  const must = withTransferTopology(
    { requiredTaints: ['gpu-h100'] },
    { ...zone, enforcement: 'required' },
    'b',
  );
  expect(resolve(bench, must)).toEqual([1]);
  const may = withTransferTopology({}, { ...zone, enforcement: 'preferred' }, 'b');
  expect(resolve(bench, may)).toEqual([0, 1, 2, 3]);
  expect(eligibility.factorOf(0)).toBe(1);
  expect(eligibility.factorOf(3)).toBeCloseTo(Math.exp(-Math.tanh(0.5)), 12);
});
