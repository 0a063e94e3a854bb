import { InputError } from '#core/base/errors.ts';
import { PairMap } from '#core/base/pair-map.ts';
import type { LinePlace } from './fields.ts';

/** PairMap keeps its values in signed 32-bit columns. */
const MAX_IDS = 2 ** 31 - 1;

/**
 * Numbers the blocks of a trace whose own ids cannot be kept: because they hold within one session
 * only, or because blocks that the file does not name need ids that it has not used.
 */
export class DenseIds {
  readonly #known = new PairMap();
  #next = 0;

  /** The id of block `id` of `scope`, the same at every call. */
  of(scope: number, id: number, place: LinePlace): number {
    const known = this.#known.get(scope, id);
    if (known >= 0) return known;
    const fresh = this.fresh(place);
    this.#known.set(scope, id, fresh);
    return fresh;
  }

  /** An id that no block has had: for content that is seen once. */
  fresh(place: LinePlace): number {
    if (this.#next < MAX_IDS) return this.#next++;
    throw new InputError('trace_invalid', 'more than 2,147,483,647 distinct blocks', {
      ...place,
      remedy: 'read fewer requests at a time',
    });
  }
}
