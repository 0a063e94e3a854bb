import { pack } from 'msgpackr';
import type { RandomStream } from '#core/base/random.ts';
import { decodePlaneMessage } from '#live/events/dynamo/envelope.ts';
import { decodeRouterEvents } from '#live/events/dynamo/router-event.ts';
import { decodeSnapshot } from '#live/events/nats/bincode.ts';
import { RankFeed } from '#live/events/rank-feed.ts';
import { readLiveFrame, readReplayFrame } from '#live/events/session/frame.ts';
import { readLoggedEvents } from '#live/events/trtllm/read-events.ts';
import { IndexFacts } from '#test/support/index-facts.ts';
import { drawDamaged } from './damage.ts';

const BLOCK = 4;
/** After so many batches the engine is taken to be gone, and nothing may be left of it. */
export const GONE_EVERY = 200;
const DAMAGES_MOST = 3;

const stored = {
  ...{ type: 'BlockStored', block_hashes: [11n, 2n ** 63n], parent_block_hash: null },
  ...{ token_ids: [1, 2, 3, 4, 5, 6, 7, 8], block_size: BLOCK, lora_id: null, medium: 'GPU' },
  ...{ lora_name: null, extra_keys: [['salt'], null], group_idx: 0 },
};

/** Batches as engines write them: maps and arrays, blocks that follow others, another size, an end. */
const BATCHES: readonly unknown[] = [
  [1.5, [stored], 0],
  [1.5, [{ ...stored, parent_block_hash: 11n, block_hashes: [77n, 78n] }], 0],
  [1.5, [{ ...stored, block_size: 8, token_ids: Array(16).fill(3) }], 0],
  [1.5, [{ ...stored, medium: 'CPU', token_ids: [] }], 0],
  [1.5, [['BlockStored', [5n, 6n], null, [9, 8, 7, 6, 5, 4, 3, 2], BLOCK, null, 'GPU']]],
  [1.5, [{ type: 'BlockRemoved', block_hashes: [11n], medium: 'GPU', group_idx: 0 }], 0],
  [1.5, [['BlockRemoved', [5n, 99n], 'GPU'], ['AllBlocksCleared']], 0],
  [1.5, [{ type: 'AllBlocksCleared' }], 0],
  { ts: 1.5, events: [stored], data_parallel_rank: 3 },
];
const SAMPLES = BATCHES.map((batch) => pack(batch));

const LOGGED = Buffer.from(
  '[{"event_id":3,"data":{"type":"stored","parent_hash":18446744073709551615,"blocks":[{"block_hash":5,"tokens":[{"token_id":1,"token_extra_id":0}]}]}},{"event_id":4,"data":{"type":"removed","block_hashes":[5]}}]',
);

/** Damaged KV events for one feed that goes on and on, and for all other readers of such. */
export class KvEventInputs {
  #facts = new IndexFacts();
  #feed = this.#newFeed();
  #fed = 0;

  /** Feeds one more; what went wrong, or undefined. May throw what a reader should not have thrown. */
  problemOf(stream: RandomStream): string | undefined {
    const payload = drawDamaged(SAMPLES, DAMAGES_MOST, stream);
    this.#feed.batch(payload);
    readLiveFrame([payload, payload.subarray(0, 8), payload]);
    readReplayFrame([payload.subarray(0, 8), payload]);
    for (const read of [decodeRouterEvents, decodeSnapshot]) readOrRefuse(() => read(payload));
    readOrRefuse(() => decodePlaneMessage([payload, payload.subarray(0, 8), payload, payload]));
    const logged = drawDamaged([LOGGED], DAMAGES_MOST, stream).toString();
    readOrRefuse(() => readLoggedEvents(logged, BLOCK));
    return ++this.#fed % GONE_EVERY === 0 ? this.#leave() : undefined;
  }

  #leave(): string | undefined {
    this.#feed.forget();
    const { forest, index } = this.#facts;
    const left = [forest.nodes, index.blocksOf(0)];
    this.#facts = new IndexFacts();
    this.#feed = this.#newFeed();
    if (left.every((count) => count === 0)) return undefined;
    return `an engine is gone, and ${left[0]} nodes and ${left[1]} blocks of it are left`;
  }

  #newFeed(): RankFeed {
    return new RankFeed({ target: 0, blockSize: BLOCK, facts: this.#facts, rank: 0, ranks: 1 });
  }
}

/** Whatever it is, it is read, or refused with the typed error. */
function readOrRefuse(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'kv_event_invalid') throw error;
  }
}
