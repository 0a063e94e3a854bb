import { expect, test } from 'vitest';
import type { ClassProfile } from '#core/router/queue/classes/class-profile.ts';
import { NameRows } from '../workload/name-rows.ts';
import { RequestTable } from '../workload/request-table.ts';
import { RequestedClasses } from './requested-classes.ts';

const entry = { queuePolicy: 'fcfs' as const, quantum: 1, bucket: 'all' };
const profile: ClassProfile = {
  defaultFamily: 'free',
  buckets: [{ name: 'all', minTokens: 0 }],
  classes: [
    { ...entry, name: 'of-free', family: 'free' },
    { name: 'vip', queuePolicy: 'fcfs', quantum: 1 },
    { ...entry, name: 'of-paid', family: 'paid' },
  ],
};

function tableOf(rows: readonly { tenant?: string; policyClass?: string }[]): RequestTable {
  const table = new RequestTable();
  const tenants = new NameRows(table.tenantNames);
  const classes = new NameRows(table.policyClassNames);
  for (const { tenant, policyClass } of rows) {
    const row = table.append(1, 1, 1);
    table.tenant[row] = tenants.of(tenant);
    table.policyClass[row] = classes.of(policyClass);
  }
  return table;
}

test('the class of the trace comes first, then that of the tenant, whatever it means', () => {
  const table = tableOf([
    {},
    { tenant: 'paid' },
    { tenant: 'nobody' },
    { tenant: 'paid', policyClass: 'vip' },
    { tenant: 'paid', policyClass: 'nonsense' },
    { policyClass: 'free' },
  ]);
  const requested = new RequestedClasses(table, profile);
  const rows = Array.from({ length: table.count }, (_, row) => requested.of(row));
  // An explicit class has its place; the families follow behind the three classes.
  expect(rows).toEqual([-1, 4, -1, 1, -1, 3]);
});

test('without classes nobody asks for one', () => {
  expect(new RequestedClasses(tableOf([{ tenant: 'paid' }]), undefined).of(0)).toBe(-1);
});
