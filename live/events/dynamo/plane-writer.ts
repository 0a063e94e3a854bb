import type { KvTier } from '../kv-event.ts';
import type { Envelope } from './envelope.ts';
import type { HeldBlocks, HeldObserver, NamedBlock } from './held-blocks.ts';
import { encodeRouterEvents, type RouterEvent } from './router-event.ts';

/** Limits of one payload, as Dynamo's own publisher keeps them (lib/llm/src/kv_router/publisher). */
const EVENTS_MAX = 128;
const BLOCKS_MAX = 128;
const NO_GROUP = { index: undefined, kind: undefined };

/** Who a target is among Dynamo's workers. */
export interface PlaneWorker {
  readonly worker: bigint;
  readonly rank: number;
}

export interface PlaneWriterOptions {
  /** Below 2^53, and another one for each life of the publisher. */
  readonly publisher: number;
  readonly topic: string;
  /** The worker of a target; targets without one are not told of. */
  readonly workerOf: (target: number) => PlaneWorker | undefined;
  readonly nowMs: () => number;
}

interface Open {
  readonly target: number;
  readonly kind: 'stored' | 'removed';
  readonly tier: KvTier;
  readonly parent: bigint | undefined;
  readonly hashes: bigint[];
  readonly locals: bigint[];
}

/**
 * Writes what targets hold as router events. Blocks are named by their sequence hashes, so that one
 * content has one name whichever engine holds it: Dynamo's indexers rely on that, and engines do not
 * keep to it. Neighbours of one kind share an event, stores only where each follows the one before.
 */
export class PlaneWriter implements HeldObserver {
  readonly #options: PlaneWriterOptions;
  readonly #ids = new Map<number, number>();
  #events: RouterEvent[] = [];
  #open: Open | undefined;
  #sequence = 0;

  constructor(options: PlaneWriterOptions) {
    this.#options = options;
  }

  stored(target: number, tier: KvTier, block: NamedBlock): void {
    const open = this.#open;
    const follows = open?.kind === 'stored' && open.hashes.at(-1) === block.parent;
    const row = follows ? this.#continue(target, tier) : undefined;
    const into = row ?? this.#begin('stored', target, tier, block.parent);
    into.hashes.push(block.hash);
    into.locals.push(block.local);
  }

  removed(target: number, tier: KvTier, block: NamedBlock): void {
    const row = this.#open?.kind === 'removed' ? this.#continue(target, tier) : undefined;
    (row ?? this.#begin('removed', target, tier, undefined)).hashes.push(block.hash);
  }

  cleared(target: number): void {
    this.#end();
    this.#push(target, { kind: 'cleared' });
  }

  /** Everything that a target holds, from the beginning, for whoever has come late. */
  repeat(target: number, held: HeldBlocks): void {
    this.cleared(target);
    for (const { tier, block } of held.dump(target)) this.stored(target, tier, block);
  }

  /** Events that have gathered since `take`. */
  get waiting(): number {
    return this.#events.length + (this.#open === undefined ? 0 : 1);
  }

  /** Forgets what has gathered; whoever hears the next event knows that some were missed. */
  drop(): void {
    this.#end();
    this.#events = [];
  }

  /** What has gathered since the last time, as messages of the event plane. */
  take(): readonly Envelope[] {
    this.#end();
    const messages: Envelope[] = [];
    for (let at = 0; at < this.#events.length; at += EVENTS_MAX) {
      messages.push({
        publisher: this.#options.publisher,
        sequence: this.#sequence++,
        publishedAtMs: this.#options.nowMs(),
        topic: this.#options.topic,
        payload: encodeRouterEvents(this.#events.slice(at, at + EVENTS_MAX)),
      });
    }
    this.#events = [];
    return messages;
  }

  #continue(target: number, tier: KvTier): Open | undefined {
    const open = this.#open;
    if (open === undefined || open.target !== target || open.tier !== tier) return undefined;
    return open.hashes.length < BLOCKS_MAX ? open : undefined;
  }

  #begin(kind: Open['kind'], target: number, tier: KvTier, parent: bigint | undefined): Open {
    this.#end();
    this.#open = { target, kind, tier, parent, hashes: [], locals: [] };
    return this.#open;
  }

  #end(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    const { target, kind, tier, parent, hashes, locals } = open;
    if (kind === 'removed') this.#push(target, { kind, tier, group: NO_GROUP, hashes });
    else this.#push(target, { kind: 'stored_hashes', tier, parent, hashes, localHashes: locals });
  }

  #push(target: number, event: RouterEvent['event']): void {
    const place = this.#options.workerOf(target);
    if (place === undefined) return;
    const id = (this.#ids.get(target) ?? 0) + 1;
    this.#ids.set(target, id);
    this.#events.push({ ...place, id, event });
  }
}
