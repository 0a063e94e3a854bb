import type { ResolvedConfig } from '#core/config/schema.ts';
import { HolderTable } from '#core/kv/extents/holder-table.ts';
import { PromptForest } from '#core/tokens/prompt-forest.ts';
import { BlockIds } from '#sim/workload/block-ids.ts';
import { ClientWishes } from '#sim/workload/client-wishes.ts';
import { type LoaderTables, RequestLoader } from '#sim/workload/request-loader.ts';
import { RequestTable } from '#sim/workload/request-table.ts';
import { SessionTable } from '#sim/workload/session-table.ts';
import { type HandRow, traceOf } from '../reference/hand-trace.ts';

/** The names of blocks that the pools of a run share. */
export type PromptTables = Pick<LoaderTables, 'blockIds' | 'forest'>;

/** Names for the blocks of an engine, in a trace with blocks of `traceBlockSize` tokens. */
export function openPrompts(blockSize: number, traceBlockSize: number): PromptTables {
  const blockIds = new BlockIds(blockSize, traceBlockSize);
  return { blockIds, forest: new PromptForest(blockIds.unitBlocks) };
}

/** Requests made of all rows, for workers that are driven without a cluster. */
export function loadRequests(
  rows: readonly HandRow[],
  { engine, workload }: ResolvedConfig,
  prompts: PromptTables,
): LoaderTables {
  const requests = new RequestTable();
  const sessions = new SessionTable(requests);
  const tables = { ...prompts, requests, sessions, holders: new HolderTable() };
  const { batches, hasContent } = traceOf(rows);
  const wishes = new ClientWishes(workload, 7);
  const all = Number.POSITIVE_INFINITY;
  const loader = new RequestLoader(batches, hasContent, engine.block_size, all, tables, wishes);
  while (loader.next() >= 0);
  return tables;
}
