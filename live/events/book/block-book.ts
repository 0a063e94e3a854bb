import { PairMap } from '#core/base/pair-map.ts';
import { saltedSeed } from '#core/tokens/block-hash.ts';
import type { BlockFacts } from '../block-facts.ts';
import type { KvEvent, KvTier, RemovedBlocks, StoredHashes, StoredTokens } from '../kv-event.ts';
import { type BookCounters, type BookLack, emptyCounters } from './book-counters.ts';
import { readExtraContent } from './extra-keys.ts';
import { LocalHasher } from './local-hasher.ts';
import { MainGroup } from './main-group.ts';
import { NameTable, TIERS } from './name-table.ts';

const TIER_NUMBERS: Readonly<Record<KvTier, number>> = { device: 0, host: 1, disk: 2, external: 3 };
const DEVICE = TIER_NUMBERS.device;
const ROOT = -1;
const PLAIN_SEED = saltedSeed({});
const REMEMBERED_BLOCKS = 16_384;

export interface BlockBookOptions {
  readonly target: number;
  /** Tokens of a block; events with another size are refused. */
  readonly blockSize: number;
  readonly facts: BlockFacts;
  /** Names that are remembered after their last copy is gone; 16,384 when absent. */
  readonly rememberedBlocks?: number;
  /**
   * Whether a block that is stored twice must be removed twice: engines count so. Dynamo's event plane
   * does not, whose publishers pass on every store and only the last removal. True when absent.
   */
  readonly countsCopies?: boolean;
}

/**
 * What one target holds, kept under the names that its engine gives blocks, and told to the router
 * under nodes that equal content shares across engines.
 *
 * Engines name the same content differently, so that names mean nothing outside their book. A block
 * becomes a node by its parent's node and the hash of its own tokens. Copies are counted: an engine
 * can hold a block twice and removes each copy on its own (vLLM stores a prompt's last block again
 * when it computes the last token again). Two names can stand for one node as well; the router hears
 * of the first that comes and the last that goes.
 *
 * Whatever cannot be placed is refused and counted, and `lack` says so from then on, until the engine
 * clears its cache: what the router is told stays a part of what the engine holds.
 */
export class BlockBook {
  readonly target: number;
  readonly counters: BookCounters = emptyCounters();
  readonly #blockSize: number;
  readonly #facts: BlockFacts;
  readonly #remembered: number;
  readonly #countsCopies: boolean;
  readonly #names = new NameTable();
  /** How many names hold (node, tier). */
  readonly #holders = new PairMap();
  readonly #mainGroup = new MainGroup();
  readonly #hasher = new LocalHasher();
  #lack: BookLack | undefined;

  constructor(options: BlockBookOptions) {
    this.target = options.target;
    this.#blockSize = options.blockSize;
    this.#facts = options.facts;
    this.#remembered = options.rememberedBlocks ?? REMEMBERED_BLOCKS;
    this.#countsCopies = options.countsCopies ?? true;
  }

  /** Why blocks that the engine holds may be missing here; undefined = none are. */
  get lack(): BookLack | undefined {
    return this.#lack;
  }

  /** Names that are known, idle ones too. */
  get names(): number {
    return this.#names.size;
  }

  apply(event: KvEvent): void {
    if (event.kind === 'stored_tokens') this.#storeTokens(event);
    else if (event.kind === 'stored_hashes') this.#storeHashes(event);
    else if (event.kind === 'removed') this.#remove(event);
    else this.clear();
  }

  /** The engine holds nothing: what is missing here is nothing either. */
  clear(): void {
    this.counters.clears++;
    this.forget();
    this.#lack = undefined;
  }

  /** Nothing is known of the target any more; what it holds is not told to anyone. */
  forget(): void {
    this.#holders.clear();
    this.#facts.cleared(this.target);
    for (let tier = DEVICE + 1; tier < TIERS; tier++) {
      this.#facts.tierCleared(tier - 1, this.target);
    }
    this.#names.clear((node) => this.#facts.release(node));
  }

  /** An event has been left out that may have stored blocks. */
  miss(lack: BookLack): void {
    this.#lack ??= lack;
  }

  /** The book starts anew, with all that its engine holds from here on. */
  restart(): void {
    this.forget();
    this.#lack = undefined;
  }

  #storeTokens(event: StoredTokens): void {
    if (!this.#mainGroup.admits(event.group)) {
      this.counters.otherGroups++;
      return;
    }
    const count = event.hashes.length;
    if (count === 0) return;
    const tier = TIER_NUMBERS[event.tier];
    if (event.tokens.length === 0) {
      this.#storeKnown(event.hashes, tier);
      return;
    }
    if (event.blockSize !== this.#blockSize) {
      this.counters.wrongBlockSizes++;
      this.miss('wrong_block_size');
      return;
    }
    const parent = this.#findParent(event.parent);
    if (parent === undefined) return;
    const extra = readExtraContent(event);
    const seed = parent === ROOT ? seedOf(event, extra.cacheSalt) : this.#names.seed[parent]!;
    const window = event.bigrams ? this.#blockSize + 1 : this.#blockSize;
    this.#hasher.seed = seed;
    let before = parent === ROOT ? ROOT : this.#names.node[parent]!;
    for (let block = 0; block < count; block++) {
      const from = block * this.#blockSize;
      if (from + window > event.tokens.length) {
        this.counters.shortStores++;
        this.miss('short_store');
        return;
      }
      const local = this.#hasher.hash(event.tokens, from, window, extra.hashes?.[block]);
      before = this.#store(event.hashes[block]!, before, local, seed, tier);
    }
  }

  #storeHashes(event: StoredHashes): void {
    const tier = TIER_NUMBERS[event.tier];
    const parent = this.#findParent(event.parent);
    if (parent === undefined) return;
    let before = parent === ROOT ? ROOT : this.#names.node[parent]!;
    for (let block = 0; block < event.hashes.length; block++) {
      const local = event.localHashes[block]!;
      before = this.#store(event.hashes[block]!, before, local, PLAIN_SEED, tier);
    }
  }

  /**
   * The row of an event's first predecessor, ROOT where it has none, undefined where it is not
   * known. llm-d's simulator names 0 as the parent of what has none.
   */
  #findParent(parent: bigint | undefined): number | undefined {
    if (parent === undefined) return ROOT;
    const row = this.#names.find(parent);
    if (row >= 0) return row;
    if (parent === 0n) return ROOT;
    this.counters.unknownParents++;
    this.miss('unknown_parent');
    return undefined;
  }

  /** One copy more of the block after `before` with this content; its node. */
  #store(hash: bigint, before: number, local: bigint, seed: bigint, tier: number): number {
    const node = this.#facts.plant(before, local);
    let row = this.#names.find(hash);
    if (row >= 0 && this.#names.node[row] === node) {
      this.#facts.release(node);
    } else {
      if (row >= 0) this.#rename(row);
      row = this.#names.add(hash, node, seed);
    }
    this.#hold(row, tier);
    this.#forgetIdle();
    return node;
  }

  /** Copies of blocks whose content is known from an earlier store. */
  #storeKnown(hashes: readonly bigint[], tier: number): void {
    for (const hash of hashes) {
      const row = this.#names.find(hash);
      if (row >= 0) {
        this.#hold(row, tier);
      } else {
        this.counters.unknownContents++;
        this.miss('unknown_content');
      }
    }
  }

  #remove(event: RemovedBlocks): void {
    if (!this.#mainGroup.admits(event.group)) {
      this.counters.otherGroups++;
      return;
    }
    const told = event.tier === 'any' ? undefined : TIER_NUMBERS[event.tier];
    for (const hash of event.hashes) {
      const row = this.#names.find(hash);
      const tier = told ?? this.#firstTierOf(row);
      if (row < 0 || this.#names.copies[TIERS * row + tier] === 0) {
        this.counters.unknownRemovals++;
        continue;
      }
      this.counters.removedBlocks++;
      if (this.#names.drop(row, tier)) this.#nodeDropped(this.#names.node[row]!, tier);
    }
    this.#forgetIdle();
  }

  /** The highest tier that has a copy, the device where none has. */
  #firstTierOf(row: number): number {
    for (let tier = 0; row >= 0 && tier < TIERS; tier++) {
      if (this.#names.copies[TIERS * row + tier]! > 0) return tier;
    }
    return DEVICE;
  }

  #hold(row: number, tier: number): void {
    this.counters.storedBlocks++;
    if (!this.#countsCopies && this.#names.copies[TIERS * row + tier]! > 0) return;
    if (!this.#names.hold(row, tier)) return;
    const node = this.#names.node[row]!;
    const holders = this.#holders.get(node, tier);
    this.#holders.set(node, tier, holders < 0 ? 1 : holders + 1);
    if (holders > 0) return;
    if (tier === DEVICE) this.#facts.stored(this.target, node);
    else this.#facts.tierStored(tier - 1, this.target, node);
  }

  /** A name has no copy of its node in the tier any more. */
  #nodeDropped(node: number, tier: number): void {
    const holders = this.#holders.get(node, tier) - 1;
    if (holders > 0) {
      this.#holders.set(node, tier, holders);
      return;
    }
    this.#holders.delete(node, tier);
    if (tier === DEVICE) this.#facts.removed(this.target, node);
    else this.#facts.tierRemoved(tier - 1, this.target, node);
  }

  /** The name stands for another block from now on: the engine has said so. */
  #rename(row: number): void {
    this.counters.renamedBlocks++;
    for (let tier = 0; tier < TIERS; tier++) {
      while (this.#names.copies[TIERS * row + tier]! > 0) {
        if (this.#names.drop(row, tier)) this.#nodeDropped(this.#names.node[row]!, tier);
      }
    }
    this.#delete(row);
  }

  #forgetIdle(): void {
    while (this.#names.idle > this.#remembered) this.#delete(this.#names.oldestIdle);
  }

  #delete(row: number): void {
    const node = this.#names.node[row]!;
    this.#names.delete(row);
    this.#facts.release(node);
  }
}

/** The seed of a prompt's first blocks. An adapter that only has a number is one of its own. */
function seedOf(event: StoredTokens, saltOfKeys: string | undefined): bigint {
  const { loraId, loraName, cacheSalt = saltOfKeys } = event;
  const adapter = loraName ?? (loraId === undefined ? undefined : `lora_id:${loraId}`);
  if (adapter === undefined && cacheSalt === undefined) return PLAIN_SEED;
  return saltedSeed({
    ...(adapter !== undefined && { loraName: adapter }),
    ...(cacheSalt !== undefined && { cacheNamespace: cacheSalt }),
  });
}
