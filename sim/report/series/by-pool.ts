import type { DataColumn, DataTable } from '../data-table.ts';
import { poolViews } from '../pool-views.ts';
import type { RunResult } from '../run-result.ts';

/**
 * A table of every pool, the rows of one after those of another, each with the name of its pool;
 * with one pool the table of the run, which has no such column.
 */
export function byPool(result: RunResult, tableOf: (view: RunResult) => DataTable): DataTable {
  if (result.pools.length === 1) return tableOf(result);
  const tables = poolViews(result).map((view) => {
    const table = tableOf(view);
    const name = view.pools[0]!.name;
    const values = table[0]!.values.map(() => name);
    return [{ name: 'pool', kind: 'string', values } satisfies DataColumn, ...table];
  });
  return tables[0]!.map(({ name, kind }, column) => {
    return { name, kind, values: tables.flatMap((table) => table[column]!.values) };
  });
}
