import type { RouterEvent } from '../dynamo/router-event.ts';
import type { KvTier } from '../kv-event.ts';

interface HeldName {
  readonly parent: bigint | undefined;
  readonly local: bigint;
}

/**
 * What each rank holds under its engine's own names, so that it can be told again as events: a dump of
 * the index that routers which come later can load.
 */
export class HeldNames {
  /** By worker, rank and tier; in the order of the stores, so that parents stand before children. */
  readonly #ranks = new Map<string, Map<bigint, HeldName>>();

  apply({ worker, rank, event }: RouterEvent): void {
    if (event.kind === 'cleared') {
      for (const key of [...this.#ranks.keys()]) {
        if (key.startsWith(`${worker} ${rank} `)) this.#ranks.delete(key);
      }
      return;
    }
    if (event.tier === 'any') return;
    const key = `${worker} ${rank} ${event.tier}`;
    const held = this.#ranks.get(key) ?? new Map<bigint, HeldName>();
    this.#ranks.set(key, held);
    if (event.kind === 'removed') {
      for (const hash of event.hashes) held.delete(hash);
      return;
    }
    let { parent } = event;
    for (const [block, hash] of event.hashes.entries()) {
      if (!held.has(hash)) held.set(hash, { parent, local: event.localHashes[block]! });
      parent = hash;
    }
  }

  /** One event a block, numbered from 0 on. */
  dump(): readonly RouterEvent[] {
    const events: RouterEvent[] = [];
    for (const [key, held] of this.#ranks) {
      const [worker, rank, tier] = key.split(' ') as [string, string, KvTier];
      for (const [hash, { parent, local }] of held) {
        const names = { hashes: [hash], localHashes: [local] };
        const event = { kind: 'stored_hashes', tier, parent, ...names } as const;
        events.push({ worker: BigInt(worker), rank: Number(rank), id: events.length, event });
      }
    }
    return events;
  }
}
