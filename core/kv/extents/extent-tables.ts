import type { PromptForest } from '#core/tokens/prompt-forest.ts';
import { DuplicateTable } from './duplicate-table.ts';
import { ExtentEventLog } from './event-log.ts';
import type { HolderTable } from './holder-table.ts';
import type { EvictionScore } from './order/eviction-score.ts';
import { ScoredOrder } from './order/scored-order.ts';
import { TouchOrder } from './order/touch-order.ts';
import { ResidencyTable } from './residency-table.ts';
import { RunList } from './run-list.ts';

/** What a pool is made of, and its parts work on. */
export interface ExtentTables {
  readonly forest: PromptForest;
  readonly holders: HolderTable;
  readonly residencies: ResidencyTable;
  readonly runs: RunList;
  readonly duplicates: DuplicateTable;
  readonly events: ExtentEventLog;
  /** Absent where the oldest run goes first. */
  readonly order: ScoredOrder | undefined;
  /** There where it is by age, but by that of the last touch. */
  readonly touches: TouchOrder | undefined;
}

/** The tables of an empty pool; `order` as for the pool. */
export function openTables(
  forest: PromptForest,
  holders: HolderTable,
  order: EvictionScore | 'last-touch' | undefined,
): ExtentTables {
  const residencies = new ResidencyTable();
  const runs = new RunList();
  const duplicates = new DuplicateTable();
  const byTouch = order === 'last-touch';
  return {
    forest,
    holders,
    residencies,
    runs,
    duplicates,
    events: new ExtentEventLog(),
    order:
      byTouch || order === undefined
        ? undefined
        : new ScoredOrder(order, forest, residencies, runs, duplicates),
    touches: byTouch ? new TouchOrder(forest, residencies) : undefined,
  };
}

/** Opens the row of a node of which nothing lies here yet, and keeps the node alive. */
export function openResidency(tables: ExtentTables, node: number): number {
  const row = tables.residencies.open(node);
  tables.forest.retain(node);
  tables.order?.opened(row);
  tables.touches?.opened(row);
  return row;
}
