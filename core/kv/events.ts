import { growColumn } from '#core/base/columns.ts';

export const KvEventKind = { stored: 0, removed: 1, cleared: 2 } as const;
export type KvEventKind = (typeof KvEventKind)[keyof typeof KvEventKind];

/** One entry of the log, for those who do not read columns. Hashes are interned. */
export type KvEvent =
  | { readonly kind: 'stored'; readonly parent: number; readonly hashes: readonly number[] }
  | { readonly kind: 'removed'; readonly hashes: readonly number[] }
  | { readonly kind: 'cleared' };

/**
 * What a router must be told, in the order in which it happened. Blocks that become visible one
 * behind the other share one `stored`, as engines send them; removals in a row share one `removed`.
 *
 *     kind[event]     KvEventKind
 *     parent[event]   stored: hash that the first block follows, −1 = none; else −1
 *     first[event]    index of its first hash
 *     count[event]    how many hashes it has
 *     hashes[index]   interned sequence hashes of all events, in order
 */
export class KvEventLog {
  kind = new Uint8Array(16);
  parent = new Int32Array(16);
  first = new Int32Array(16);
  count = new Int32Array(16);
  hashes = new Int32Array(64);
  #size = 0;
  #hashesSize = 0;

  /** Events not drained yet. */
  get size(): number {
    return this.#size;
  }

  /** `hash` became visible, behind `parent` (−1 = at the start of a prompt). */
  stored(hash: number, parent: number): void {
    const last = this.#size - 1;
    const continues =
      last >= 0 &&
      this.kind[last] === KvEventKind.stored &&
      parent >= 0 &&
      this.hashes[this.#hashesSize - 1] === parent;
    if (!continues) this.#open(KvEventKind.stored, parent);
    this.#append(hash);
  }

  /** The last copy of `hash` is gone. */
  removed(hash: number): void {
    const last = this.#size - 1;
    if (last < 0 || this.kind[last] !== KvEventKind.removed) this.#open(KvEventKind.removed, -1);
    this.#append(hash);
  }

  /** Everything is gone at once. */
  cleared(): void {
    this.#open(KvEventKind.cleared, -1);
  }

  /** Forgets what the caller has read. */
  clear(): void {
    this.#size = 0;
    this.#hashesSize = 0;
  }

  /** The events as objects; the log is empty afterwards. */
  drain(): KvEvent[] {
    const events = Array.from({ length: this.#size }, (_, event) => this.#eventAt(event));
    this.clear();
    return events;
  }

  #open(kind: KvEventKind, parent: number): void {
    const event = this.#size++;
    this.kind = growColumn(this.kind, this.#size);
    this.parent = growColumn(this.parent, this.#size);
    this.first = growColumn(this.first, this.#size);
    this.count = growColumn(this.count, this.#size);
    this.kind[event] = kind;
    this.parent[event] = parent;
    this.first[event] = this.#hashesSize;
    this.count[event] = 0;
  }

  #append(hash: number): void {
    this.hashes = growColumn(this.hashes, this.#hashesSize + 1);
    this.hashes[this.#hashesSize++] = hash;
    this.count[this.#size - 1]!++;
  }

  #eventAt(event: number): KvEvent {
    const first = this.first[event]!;
    const hashes = Array.from(this.hashes.subarray(first, first + this.count[event]!));
    if (this.kind[event] === KvEventKind.cleared) return { kind: 'cleared' };
    if (this.kind[event] === KvEventKind.removed) return { kind: 'removed', hashes };
    return { kind: 'stored', parent: this.parent[event]!, hashes };
  }
}
