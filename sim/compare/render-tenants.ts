import { formatCount, formatNumber } from '../report/format.ts';
import type { TextTable } from '../report/text-table.ts';
import type { Comparison } from './comparison.ts';
import { DELTA_HEADER, deltaCells, quantity } from './delta-cells.ts';
import { TENANT_METRICS } from './metrics.ts';
import type { TenantComparison } from './tenant-comparison.ts';

/** A table for each candidate that is held against the baseline: tenants and their metrics down. */
export function tenantTables(
  comparison: Comparison,
): { readonly title: string; readonly table: TextTable }[] {
  const { tenants, tenants_left_out: leftOut = 0, baseline, candidates } = comparison;
  if (tenants === undefined) return [];
  const others = candidates.filter(({ name }) => name !== baseline);
  const rest = leftOut === 0 ? '' : ` (${formatNumber(leftOut, 'smaller tenant')} left out)`;
  return others.map(({ name }) => ({
    title: `By tenant: ${name} against ${baseline}${rest}`,
    table: {
      header: ['', baseline, name, ...DELTA_HEADER.filter((column) => column !== 'p')],
      rows: tenants.flatMap((tenant) => tenantRows(tenant, baseline, name)),
    },
  }));
}

function tenantRows(tenant: TenantComparison, baseline: string, candidate: string): string[][] {
  const metricsOf = (name: string) => tenant.candidates.find((each) => each.name === name)?.metrics;
  const p = DELTA_HEADER.indexOf('p');
  return TENANT_METRICS.flatMap(({ key, label, unit }) => {
    const own = metricsOf(candidate)?.[key];
    const other = metricsOf(baseline)?.[key];
    if (own === undefined || other === undefined) return [];
    const star = own.few_samples === true ? '*' : '';
    const name = `${tenant.name} (n = ${formatCount(tenant.paired_requests)}): ${label}`;
    const cells = deltaCells(own).toSpliced(p, 1);
    return [
      [
        `${name}${unit === '' ? '' : `, ${unit}`}${star}`,
        quantity(other.value),
        quantity(own.value),
        ...cells,
      ],
    ];
  });
}
