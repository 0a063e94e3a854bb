import type { CacheGroup } from '../kv-event.ts';

/** The kinds of attention whose blocks make a prompt's prefix; Dynamo counts the same as main. */
const MAIN_KINDS: ReadonlySet<string> = new Set([
  'full_attention',
  'mla_attention',
  'sink_full_attention',
]);

/**
 * Which of an engine's cache groups counts. Hybrid models store a prompt once for each kind of
 * layer, under the same hashes; only full attention keeps all of it, so that the first group that
 * says it is of such a kind is the one. Before any group has said so it is group 0.
 */
export class MainGroup {
  #main: number | undefined;

  /** Whether events of the group count; learns from what the event says of it. */
  admits(group: CacheGroup): boolean {
    const index = group.index ?? 0;
    if (group.kind === undefined) return index === (this.#main ?? 0);
    if (!MAIN_KINDS.has(group.kind)) return false;
    this.#main ??= index;
    return index === this.#main;
  }
}
