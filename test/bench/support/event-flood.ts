import { parentPort } from 'node:worker_threads';
import { pack } from 'msgpackr';
import { XPublisher } from 'zeromq';

/** What is published, in batches as an engine's busy steps make them. */
export interface FloodPlan {
  readonly batches: number;
  /** Requests that store blocks in a step, and blocks that each stores. */
  readonly storesPerBatch: number;
  readonly blocksPerStore: number;
  readonly blockSize: number;
  /** A step's blocks are evicted so many steps later, one event a block as vLLM does. */
  readonly evictedAfter: number;
}

/** Block operations of the plan: stores and removals. */
export function operationsOf(plan: FloodPlan): number {
  const perBatch = plan.storesPerBatch * plan.blocksPerStore;
  return perBatch * (plan.batches + Math.max(0, plan.batches - plan.evictedAfter));
}

const HASH_STEP = 0x9e37_79b9_7f4a_7c15n;
const VOCABULARY = 32_000;

function hashesOf(plan: FloodPlan, batch: number, store: number): bigint[] {
  const first = (batch * plan.storesPerBatch + store) * plan.blocksPerStore;
  return Array.from({ length: plan.blocksPerStore }, (_, block) =>
    BigInt.asUintN(64, BigInt(first + block + 1) * HASH_STEP),
  );
}

function payloadOf(plan: FloodPlan, batch: number): Buffer {
  const { storesPerBatch, blocksPerStore, blockSize } = plan;
  const stores = Array.from({ length: storesPerBatch }, (_, store) => ({
    type: 'BlockStored',
    block_hashes: hashesOf(plan, batch, store),
    parent_block_hash: null,
    token_ids: Array.from(
      { length: blocksPerStore * blockSize },
      (_, at) => (batch * 7919 + store * 104_729 + at * 31) % VOCABULARY,
    ),
    block_size: blockSize,
    lora_id: null,
    medium: 'GPU',
    lora_name: null,
    group_idx: 0,
    kv_cache_spec_kind: 'full_attention',
  }));
  const old = batch - plan.evictedAfter;
  const evicted = old < 0 ? [] : stores.flatMap((_, store) => hashesOf(plan, old, store).reverse());
  const removals = evicted.map((hash) => ({
    type: 'BlockRemoved',
    block_hashes: [hash],
    medium: 'GPU',
    group_idx: 0,
  }));
  return pack([1_700_000_000.5 + batch, [...removals, ...stores], 0]);
}

/**
 * Publishes the plan each time it is told to, from number 0 on, as fast as the socket takes it. It says
 * when a subscription has come: what is published before reaches nobody.
 */
async function serve(plan: FloodPlan): Promise<void> {
  const port = parentPort!;
  const payloads = Array.from({ length: plan.batches }, (_, batch) => payloadOf(plan, batch));
  const publisher = new XPublisher({ linger: 0, sendHighWaterMark: 0, verbosity: 'allSubs' });
  await publisher.bind('tcp://127.0.0.1:0');
  const bytes = payloads.reduce((sum, { length }) => sum + length, 0);
  port.on('message', async (what: string) => {
    if (what === 'close') {
      publisher.close();
      port.close();
      return;
    }
    const number = Buffer.alloc(8);
    for (const [batch, payload] of payloads.entries()) {
      number.writeUInt32BE(batch, 4);
      await publisher.send(['', Buffer.from(number), payload]);
    }
  });
  port.postMessage({ address: publisher.lastEndpoint, bytes });
  for await (const [subscription] of publisher) {
    if (subscription?.[0] === 1) port.postMessage('subscribed');
  }
}

parentPort?.once('message', (plan: FloodPlan) => void serve(plan));
