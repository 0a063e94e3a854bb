import { InputError } from '#core/base/errors.ts';
import type { TraceBatch } from '../batch.ts';
import { DenseIds } from './dense-ids.ts';
import { describeValue, type LinePlace } from './fields.ts';

/**
 * Block ids of up to 64 bits, numbered anew. They are compared as text, since a number of JSON would
 * lose their last digits: lines are parsed with `parseExactRecord`.
 */
export class WideIds {
  readonly #ids = new DenseIds();
  readonly #known = new Map<string, number>();

  /** Appends the blocks of a prompt to the last row of `batch`: one id for each block, no more. */
  appendTo(batch: TraceBatch, ids: readonly unknown[], blocks: number, at: IdPlace): void {
    const { place, path, tokens } = at;
    if (ids.length !== blocks) {
      throw new InputError('trace_invalid', `${path} has ${ids.length}, expected ${blocks}`, {
        ...place,
        path,
        remedy: `one id stands for one block of the ${tokens}`,
      });
    }
    for (const [index, id] of ids.entries()) {
      const key = readId(id, `${path}[${index}]`, place);
      let dense = this.#known.get(key);
      if (dense === undefined) {
        dense = this.#ids.fresh(place);
        this.#known.set(key, dense);
      }
      batch.appendHashId(dense);
    }
  }
}

/** Where a list of ids stands, and what its blocks hold, in words. */
export interface IdPlace {
  readonly place: LinePlace;
  readonly path: string;
  readonly tokens: string;
}

function readId(id: unknown, path: string, place: LinePlace): string {
  if (typeof id === 'number' && Number.isSafeInteger(id) && id >= 0) return String(id);
  if (typeof id === 'string' && /^\d{1,20}$/.test(id)) return id;
  throw new InputError('trace_invalid', 'not a block hash', {
    ...place,
    path,
    received: describeValue(id),
    allowed: 'an integer from 0 of up to 64 bits',
  });
}
