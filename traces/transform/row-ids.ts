import { InputError } from '#core/base/errors.ts';
import type { TraceBatch } from '../batch.ts';
import { DenseIds } from '../formats/dense-ids.ts';
import type { TraceMedia } from '../media.ts';

/** Whether blocks and sessions keep the names that their file gives them, or are told apart by file. */
export type Naming = 'kept' | 'apart';

/** Names sessions, requests and blocks of rows that are written, by file where files are strangers. */
export class RowIds {
  readonly #naming: Naming;
  readonly #tenants: readonly string[];
  readonly #ids = new DenseIds();
  readonly #mediaIds = new DenseIds();
  #withContent = 0;
  #withoutContent = 0;

  /** @param tenants of each of the files merged, in place of what their rows say; none keeps those */
  constructor(naming: Naming, tenants: readonly string[]) {
    this.#naming = naming;
    this.#tenants = tenants;
  }

  /** Rows that had no content. */
  get withoutContent(): number {
    return this.#withoutContent;
  }

  /** The name of a session, group or request of the file with the number `source`. */
  nameOf(name: string, source: number): string {
    return this.#naming === 'kept' ? name : `${source + 1}/${name}`;
  }

  /** Who a row of the file belongs to, from what the row says. */
  tenantOf(stated: string | undefined, source: number): string | undefined {
    return this.#tenants[source] ?? stated;
  }

  /** The ids of the items that come with a prompt. */
  mediaOf(batch: TraceBatch, row: number, file: string, source: number): TraceMedia | undefined {
    const media = batch.media[row];
    if (media === undefined || this.#naming === 'kept') return media;
    const place = { file, line: batch.line[row]! };
    return media.map((id) => this.#mediaIds.of(source, id, place));
  }

  /** The ids of a prompt; one without content gets blocks of its own, so that it shares nothing. */
  blockIds(
    batch: TraceBatch,
    row: number,
    blockSize: number,
    file: string,
    source: number,
  ): number[] {
    const place = { file, line: batch.line[row]! };
    const given = batch.hashIds.subarray(batch.hashStart[row]!, batch.hashStart[row + 1]!);
    if (given.length > 0) this.#withContent++;
    else this.#withoutContent++;
    if (this.#naming === 'kept' && this.#withContent > 0 && this.#withoutContent > 0) {
      throw new InputError('trace_invalid', 'some rows have hash ids and some have none', {
        ...place,
        remedy: 'rows without content need ids that no other has; leave --share-ids out',
      });
    }
    if (given.length === 0) {
      const blocks = Math.ceil(batch.inputTokens[row]! / blockSize);
      return Array.from({ length: blocks }, () => this.#ids.fresh(place));
    }
    if (this.#naming === 'kept') return Array.from(given);
    return Array.from(given, (id) => this.#ids.of(source, id, place));
  }
}
