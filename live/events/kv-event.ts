/**
 * What engines tell of their KV cache, whatever form it came in. Hashes are the engine's own names
 * of blocks, unsigned 64 bits; `BlockBook` makes nodes of them.
 */
export type KvEvent = StoredTokens | StoredHashes | RemovedBlocks | ClearedBlocks;

/** Where blocks are: device memory, or a tier below it. */
export type KvTier = 'device' | 'host' | 'disk' | 'external';

/** Which of an engine's caches an event is about; hybrid models have one for each kind of layer. */
export interface CacheGroup {
  readonly index: number | undefined;
  /** `full_attention`, `sliding_window`, `mamba` …; undefined where the event does not say. */
  readonly kind: string | undefined;
}

/** What besides tokens an engine counts as a block's content: a string, or an object at an offset. */
export type ExtraKey = string | number | bigint | boolean | Uint8Array | readonly unknown[];

/** Blocks that engines name with the tokens they hold. */
export interface StoredTokens {
  readonly kind: 'stored_tokens';
  readonly tier: KvTier;
  readonly group: CacheGroup;
  readonly hashes: readonly bigint[];
  /** The block that the first one follows, undefined = it begins a prompt. */
  readonly parent: bigint | undefined;
  /** Tokens of all blocks; empty where the engine leaves them out. */
  readonly tokens: readonly number[];
  /** Of a drafting engine: each token came with its successor, and a block's window is one longer. */
  readonly bigrams: boolean;
  readonly blockSize: number;
  readonly loraName: string | undefined;
  /** The number that older engines give an adapter instead of its name. */
  readonly loraId: number | undefined;
  readonly cacheSalt: string | undefined;
  /** By block. */
  readonly extraKeys: readonly (readonly ExtraKey[] | undefined)[] | undefined;
  /** Hashes of the images, videos and clips in each block, where the engine names them so. */
  readonly mediaHashes: readonly (readonly bigint[])[] | undefined;
}

/** Blocks that come with block hashes instead of tokens, as Dynamo's event plane sends them. */
export interface StoredHashes {
  readonly kind: 'stored_hashes';
  readonly tier: KvTier;
  readonly hashes: readonly bigint[];
  readonly parent: bigint | undefined;
  /** XXH3 block hashes, see core/tokens/block-hash.ts. */
  readonly localHashes: readonly bigint[];
}

export interface RemovedBlocks {
  readonly kind: 'removed';
  /** any: wherever it is; the engine does not say, and has no copies. */
  readonly tier: KvTier | 'any';
  readonly group: CacheGroup;
  readonly hashes: readonly bigint[];
}

/** Everything is gone. */
export interface ClearedBlocks {
  readonly kind: 'cleared';
}

/** What an engine published at once: the events of one step. */
export interface KvBatch {
  /** The engine's clock in seconds, undefined where it sent none. */
  readonly timeS: number | undefined;
  /** Data-parallel rank that the batch names. */
  readonly rank: number | undefined;
  readonly events: readonly KvEvent[];
  /** Events that were left out, by reason. */
  readonly dropped: readonly DroppedEvent[];
}

/** Why an event of a batch that can be read is not applied. */
export type DropReason =
  /** A kind of event that is not known. */
  | 'unknown_event'
  /** Blocks in a medium that is not known: never taken for device memory. */
  | 'unknown_medium'
  /** Blocks that the engine reaches but does not hold itself. */
  | 'not_local';

export interface DroppedEvent {
  readonly reason: DropReason;
  /** The word that was not understood. */
  readonly word: string;
}
