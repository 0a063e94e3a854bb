import { ExtentPool } from '#core/kv/extents/extent-pool.ts';
import { HolderTable } from '#core/kv/extents/holder-table.ts';
import { PromptForest } from '#core/tokens/prompt-forest.ts';
import { KvEventFeed } from '../cluster/kv-event-feed.ts';
import type { PromptBlocks } from './prompt-blocks.ts';

/** Requests may hold nothing, one at a time does. */
const HOLDER = 0;

/**
 * Leading blocks that each request finds when the requests are placed one after the other, each where
 * it gains most: the blocks that it finds, less those that it drives out, whatever the load of the
 * worker. Greedy, so that it is a placement that can be had, and not the most that any could reach.
 * Each worker has a cache of `capacity` blocks, evicted as an engine does it. Among equals the worker
 * that has computed least takes the request, then the first.
 */
export function greedyPlacementHits(
  prompts: PromptBlocks,
  order: Int32Array,
  workers: number,
  capacity: number,
): number {
  const forest = new PromptForest(1);
  const holders = new HolderTable();
  const feed = new KvEventFeed(undefined, forest, 0);
  const pools = Array.from({ length: workers }, () => new ExtentPool(capacity, forest, holders));
  const path = { leaf: -1, leafBlocks: 0 };
  const names = Uint32Array.from(prompts.blocks.subarray(0, prompts.total));
  const computed = new Float64Array(workers);
  let hits = 0;
  for (let place = 0; place < order.length; place++) {
    const row = order[place]!;
    const from = prompts.start[row]!;
    const blocks = Math.min(prompts.start[row + 1]! - from, capacity);
    if (blocks === 0) continue;
    forest.intern(names, from, blocks, path);
    holders.open(HOLDER, path.leaf, path.leafBlocks, blocks);
    const worker = bestWorker(pools, computed, blocks);
    const pool = pools[worker]!;
    const found = serve(pool, blocks);
    hits += found;
    computed[worker]! += blocks - found;
    feed.publish(worker, pool.events, 0);
    forest.release(path.leaf);
  }
  return hits;
}

function bestWorker(pools: readonly ExtentPool[], computed: Float64Array, blocks: number): number {
  let best = 0;
  let most = Number.NEGATIVE_INFINITY;
  for (let worker = 0; worker < pools.length; worker++) {
    const pool = pools[worker]!;
    const found = pool.match(HOLDER, blocks);
    const drivenOut = Math.max(0, blocks - found - pool.free);
    const gain = found - drivenOut;
    if (gain < most || (gain === most && computed[worker]! >= computed[best]!)) continue;
    best = worker;
    most = gain;
  }
  return best;
}

/** The request runs there and leaves; the blocks that it found. */
function serve(pool: ExtentPool, blocks: number): number {
  const found = pool.match(HOLDER, blocks);
  pool.hold(HOLDER, found);
  pool.allocate(blocks - found);
  pool.commit(HOLDER, blocks);
  pool.release(HOLDER, blocks, blocks);
  return found;
}
