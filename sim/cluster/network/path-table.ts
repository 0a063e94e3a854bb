import { assert } from '#core/base/assert.ts';
import { growColumn } from '#core/base/columns.ts';
import type { Ns } from '#core/base/time.ts';
import type { LinkTable } from './link-table.ts';

/** From GPU to GPU through two racks of two zones a transfer crosses fewer links than this. */
export const PATH_LINKS_MAX = 8;

/**
 * The ways that transfers take: a few links that are all used at once, at one rate.
 *
 *     link[path · PATH_LINKS_MAX + n]  the nth link of a path, n < length[path]
 *     latencyNs[path]                  until the first byte has crossed all its links
 *     narrowest[path]                  the smallest capacity on the way, bytes per nanosecond
 */
export class PathTable {
  count = 0;
  link = new Int32Array(16 * PATH_LINKS_MAX);
  length = new Uint8Array(16);
  latencyNs = new Float64Array(16);
  narrowest = new Float64Array(16);
  readonly #links: LinkTable;

  constructor(links: LinkTable) {
    this.#links = links;
  }

  /** Declares a path over distinct links and returns its number. */
  add(links: readonly number[]): number {
    assert(links.length > 0 && links.length <= PATH_LINKS_MAX, `a path of ${links.length} links`);
    assert(new Set(links).size === links.length, 'a path crosses a link twice');
    const path = this.count++;
    this.link = growColumn(this.link, this.count * PATH_LINKS_MAX);
    this.length = growColumn(this.length, this.count);
    this.latencyNs = growColumn(this.latencyNs, this.count);
    this.narrowest = growColumn(this.narrowest, this.count);
    let latencyNs: Ns = 0;
    let narrowest = Number.POSITIVE_INFINITY;
    for (const [place, link] of links.entries()) {
      assert(link >= 0 && link < this.#links.count, `there is no link ${link}`);
      this.link[path * PATH_LINKS_MAX + place] = link;
      latencyNs += this.#links.latencyNs[link]!;
      narrowest = Math.min(narrowest, this.#links.capacity[link]!);
    }
    this.length[path] = links.length;
    this.latencyNs[path] = latencyNs;
    this.narrowest[path] = narrowest;
    return path;
  }
}
