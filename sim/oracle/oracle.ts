import type { ResolvedConfig } from '#core/config/schema.ts';
import type { TraceBatch } from '#traces/batch.ts';
import type { RunResult } from '../report/run-result.ts';
import { NEVER } from '../workload/request-table.ts';
import { beladyHits } from './belady.ts';
import { greedyPlacementHits } from './greedy-placement.ts';
import { infiniteCacheHits } from './infinite-cache.ts';
import { PromptBlocks } from './prompt-blocks.ts';

/** How many blocks of the prompts could have been reused, and how many were. */
export interface Ceilings {
  /** Tokens of a block. */
  readonly blockSize: number;
  readonly workers: number;
  /** Blocks of one worker's cache. */
  readonly cacheBlocks: number;
  readonly requests: number;
  /** Full blocks of all prompts, and how many are different. */
  readonly promptBlocks: number;
  readonly distinctBlocks: number;
  readonly infiniteCache: number;
  /** All workers' caches as one, with the eviction that knows the future. */
  readonly belady: number;
  readonly greedyPlacement: number;
  /** What the run itself reused at the first admission of each request. */
  readonly run: number;
}

/**
 * The ceilings of a run's prefix reuse, in full blocks of its engine, for the requests that arrived
 * and whose prompt a worker can hold, in the order in which they came. Generated tokens take no room in them, and a prompt may be found
 * whole, of which an engine computes the end again: a run stays a little below for both.
 */
export function reuseCeilings(
  config: ResolvedConfig,
  batches: Iterable<TraceBatch>,
  hasContent: boolean,
  { requests }: RunResult,
): Ceilings {
  const { block_size: blockSize, num_gpu_blocks: cacheBlocks, data_parallel_size } = config.engine;
  const workers = config.cluster.workers * data_parallel_size;
  const prompts = new PromptBlocks(blockSize, config.workload.trace_block_size);
  for (const batch of batches) prompts.append(batch, hasContent);
  const order = arrivalOrder(requests.arrivalNs.subarray(0, requests.count)).filter(
    (row) => prompts.start[row + 1]! - prompts.start[row]! <= cacheBlocks,
  );
  const infiniteCache = infiniteCacheHits(prompts, order);
  let promptBlocks = 0;
  let reusedTokens = 0;
  for (const row of order) {
    promptBlocks += prompts.start[row + 1]! - prompts.start[row]!;
    reusedTokens += requests.firstReusedTokens[row]!;
  }
  return {
    blockSize,
    workers,
    cacheBlocks,
    requests: order.length,
    promptBlocks,
    // Each block is found by all that have it but the first.
    distinctBlocks: promptBlocks - infiniteCache,
    infiniteCache,
    belady: beladyHits(prompts, order, workers * cacheBlocks),
    greedyPlacement: greedyPlacementHits(prompts, order, workers, cacheBlocks),
    run: reusedTokens / blockSize,
  };
}

/** Rows that arrived, by their time; rows of one time in the order of the trace. */
function arrivalOrder(arrivalNs: Float64Array): Int32Array {
  const rows = Int32Array.from(arrivalNs.keys()).filter((row) => arrivalNs[row] !== NEVER);
  return rows.sort((a, b) => arrivalNs[a]! - arrivalNs[b]! || a - b);
}
