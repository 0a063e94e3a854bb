import type { BlockContents } from '../block-contents.ts';
import type { WireEvent } from './encode-batch.ts';

/**
 * Gathers what a step changes in the blocks of a rank, in the order in which it happened, as the
 * events that vLLM would send: one for the blocks that a request stores in one go, one for each block
 * that is evicted.
 */
export class StepEvents {
  readonly #contents: BlockContents;
  readonly #blockSize: number;
  readonly #hashSalt: bigint;
  #events: WireEvent[] = [];
  #cleared = false;

  /** @param hashSalt laid over every hash, so that engines may name one content differently. */
  constructor(contents: BlockContents, blockSize: number, hashSalt: bigint) {
    this.#contents = contents;
    this.#blockSize = blockSize;
    this.#hashSalt = hashSalt;
  }

  /** `parent`: the content before, −1 = none. */
  stored(parent: number, ids: readonly number[]): void {
    const contents = ids.map((id) => this.#contents.of(id));
    const { salt } = contents[0]!;
    const extraKeys = contents.map(({ isFirst }) =>
      isFirst && salt.cacheNamespace ? [salt.cacheNamespace] : null,
    );
    this.#events.push({
      type: 'BlockStored',
      block_hashes: ids.map((id) => this.#hash(id)),
      parent_block_hash: parent < 0 ? null : this.#hash(parent),
      token_ids: contents.flatMap(({ tokens }) => [...tokens]),
      block_size: this.#blockSize,
      lora_id: null,
      medium: 'GPU',
      lora_name: salt.loraName ?? null,
      ...(extraKeys[0] !== null && { extra_keys: extraKeys }),
      group_idx: 0,
      kv_cache_spec_kind: 'full_attention',
    });
  }

  removed(ids: readonly number[]): void {
    for (const id of ids) {
      const block_hashes = [this.#hash(id)];
      this.#events.push({ type: 'BlockRemoved', block_hashes, medium: 'GPU', group_idx: 0 });
    }
  }

  /** Everything is gone; that is said with the next step, before what it stores. */
  cleared(): void {
    this.#events = [];
    this.#cleared = true;
  }

  /** What is to be sent now that a step has ended; empty where nothing has changed. */
  take(): readonly WireEvent[] {
    const events: WireEvent[] = this.#cleared ? [{ type: 'AllBlocksCleared' }] : [];
    events.push(...this.#events);
    this.#events = [];
    this.#cleared = false;
    return events;
  }

  #hash(id: number): bigint {
    return this.#contents.of(id).sequenceHash ^ this.#hashSalt;
  }
}
