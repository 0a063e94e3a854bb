import { assert } from '#core/base/assert.ts';
import { growColumn } from '#core/base/columns.ts';
import type { Ns } from '#core/base/time.ts';

/** Up to here loads in steps of 2⁻³⁰ bytes per nanosecond are exact in a double. */
export const LINK_CAPACITY_MAX = 2 ** 23;

/** A link as it is declared; one direction of a cable is a link of its own. */
export interface LinkSpec {
  readonly name: string;
  /** Bytes per nanosecond, which is the same number as GB/s. */
  readonly capacity: number;
  /** What the first byte of a transfer needs to get across, on top of its share of the capacity. */
  readonly latencyNs: Ns;
}

/**
 * The links of a network. They are declared before anything flows and never change.
 *
 *     names[link]      what the link is called in reports
 *     capacity[link]   bytes per nanosecond
 *     latencyNs[link]  time that the first byte takes
 */
export class LinkTable {
  count = 0;
  readonly names: string[] = [];
  capacity = new Float64Array(16);
  latencyNs = new Float64Array(16);

  /** Declares a link and returns its number. */
  add({ name, capacity, latencyNs }: LinkSpec): number {
    assert(
      capacity > 0 && capacity <= LINK_CAPACITY_MAX,
      `link ${name} has a capacity of ${capacity} bytes/ns`,
    );
    assert(Number.isInteger(latencyNs) && latencyNs >= 0, `link ${name} has no whole latency`);
    const link = this.count++;
    this.capacity = growColumn(this.capacity, this.count);
    this.latencyNs = growColumn(this.latencyNs, this.count);
    this.names.push(name);
    this.capacity[link] = capacity;
    this.latencyNs[link] = latencyNs;
    return link;
  }
}
