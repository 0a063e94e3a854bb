import type { Ns } from '#core/base/time.ts';
import type { LinkTable } from './link-table.ts';
import type { LinkUsage } from './link-usage.ts';

/** What has become of one direction of a link. */
export interface LinkOutcome {
  readonly name: string;
  /** Bytes per nanosecond, which is GB/s. */
  readonly capacity: number;
  /** All that has crossed it, in whole bytes. */
  readonly bytes: number;
  /** Time in which anything flowed. */
  readonly busyNs: Ns;
  /** Most that it gave at one time, of its capacity. */
  readonly peakShare: number;
}

/** What has become of each link by `endNs`. */
export function linkOutcomes(
  { names, capacity }: LinkTable,
  usage: LinkUsage,
  endNs: Ns,
): readonly LinkOutcome[] {
  return names.map((name, link) => ({
    name,
    capacity: capacity[link]!,
    bytes: Math.round(usage.bytes(link, endNs)),
    busyNs: usage.busyNs(link, endNs),
    peakShare: usage.peakShare(link, endNs),
  }));
}
