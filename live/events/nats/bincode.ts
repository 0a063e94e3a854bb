import { DecodeError } from '../decode/decode-error.ts';
import type { RouterEvent } from '../dynamo/router-event.ts';
import type { KvTier } from '../kv-event.ts';

/** Whether events say in which tier blocks are: releases before 1.0 and some after have no such field. */
export type SnapshotLayout = 'plain' | 'tiered';

const TIERS: readonly KvTier[] = ['device', 'host', 'disk', 'external'];
const NO_GROUP = { index: undefined, kind: undefined };
const STORED = 0;
const REMOVED = 1;
const CLEARED = 2;

/**
 * The list of events that a snapshot is, in Rust's bincode: little-endian, lengths of 64 bits, variants
 * of 32, nothing named. Both layouts are tried; only one fits to the last byte.
 */
export function decodeSnapshot(bytes: Uint8Array): readonly RouterEvent[] {
  for (const layout of ['plain', 'tiered'] as const) {
    try {
      return new Reader(bytes, layout).all();
    } catch (error) {
      if (!(error instanceof DecodeError || error instanceof RangeError)) throw error;
    }
  }
  throw new DecodeError('no snapshot of router events', bytes);
}

class Reader {
  readonly #view: DataView;
  readonly #layout: SnapshotLayout;
  #at = 0;

  constructor(bytes: Uint8Array, layout: SnapshotLayout) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#layout = layout;
  }

  all(): readonly RouterEvent[] {
    const events = this.#list(() => this.#event());
    if (this.#at !== this.#view.byteLength) throw new DecodeError('bytes are left over', this.#at);
    return events;
  }

  #event(): RouterEvent {
    const worker = this.#u64();
    const tier = this.#layout === 'tiered' ? TIERS[this.#u32()] : 'device';
    if (tier === undefined) throw new DecodeError('an unknown tier', tier);
    const id = Number(this.#u64());
    const event = this.#data(tier);
    return { worker, id, event, rank: this.#u32() };
  }

  #data(tier: KvTier): RouterEvent['event'] {
    const variant = this.#u32();
    if (variant === CLEARED) return { kind: 'cleared' };
    if (variant === REMOVED) {
      return { kind: 'removed', tier, group: NO_GROUP, hashes: this.#list(() => this.#u64()) };
    }
    if (variant !== STORED) throw new DecodeError('an unknown kind of event', variant);
    const parent = this.#optional(() => this.#u64());
    const blocks = this.#list(() => {
      const block = { hash: this.#u64(), local: this.#u64() };
      this.#optional(() => this.#media());
      return block;
    });
    const hashes = blocks.map(({ hash }) => hash);
    return { kind: 'stored_hashes', tier, parent, hashes, localHashes: blocks.map((b) => b.local) };
  }

  /** The objects of a block, which its own hash stands for already. */
  #media(): void {
    this.#list(() => {
      this.#u64();
      this.#list(() => [this.#u64(), this.#u64()]);
    });
  }

  #optional<T>(read: () => T): T | undefined {
    const tag = this.#view.getUint8(this.#at++);
    if (tag > 1) throw new DecodeError('an option must be there or not', tag);
    return tag === 1 ? read() : undefined;
  }

  #list<T>(read: () => T): T[] {
    const length = this.#u64();
    if (length > BigInt(this.#view.byteLength)) throw new DecodeError('a list is too long', length);
    return Array.from({ length: Number(length) }, read);
  }

  #u32(): number {
    const value = this.#view.getUint32(this.#at, true);
    this.#at += 4;
    return value;
  }

  #u64(): bigint {
    const value = this.#view.getBigUint64(this.#at, true);
    this.#at += 8;
    return value;
  }
}

/** The snapshot of events, as `decodeSnapshot` reads it. */
export function encodeSnapshot(
  events: readonly RouterEvent[],
  layout: SnapshotLayout = 'plain',
): Uint8Array {
  const parts: Uint8Array[] = [u64(BigInt(events.length))];
  for (const { worker, rank, id, event } of events) {
    parts.push(u64(worker));
    if (layout === 'tiered') {
      const tier = event.kind === 'cleared' || event.tier === 'any' ? 'device' : event.tier;
      parts.push(u32(TIERS.indexOf(tier)));
    }
    parts.push(u64(BigInt(id)));
    if (event.kind === 'cleared') {
      parts.push(u32(CLEARED));
    } else if (event.kind === 'removed') {
      parts.push(u32(REMOVED), u64(BigInt(event.hashes.length)), ...event.hashes.map(u64));
    } else {
      parts.push(u32(STORED), option(event.parent), u64(BigInt(event.hashes.length)));
      for (const [block, hash] of event.hashes.entries()) {
        parts.push(u64(hash), u64(event.localHashes[block]!), option(undefined));
      }
    }
    parts.push(u32(rank));
  }
  return Buffer.concat(parts);
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function u64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

function option(value: bigint | undefined): Uint8Array {
  return value === undefined ? Uint8Array.of(0) : Buffer.concat([Uint8Array.of(1), u64(value)]);
}
