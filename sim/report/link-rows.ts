import type { LinkOutcome } from '../cluster/network/link-outcome.ts';

/** Links up to which a report lists each of them by itself. */
const LISTED_LINKS_MAX = 256;

/** One direction of a link that transfers shared. */
export interface LinkRow {
  readonly link: string;
  readonly capacity_gb_s: number;
  /** All that has crossed it. */
  readonly bytes: number;
  /** Part of the simulated time in which anything flowed. */
  readonly busy_ratio: number;
  /** Bytes over what it could have carried in the simulated time. */
  readonly used_ratio: number;
  /** Most that it gave at one time, of its capacity. */
  readonly peak_ratio: number;
}

/** The links that anything has crossed, those with most to carry first; absent without any. */
export function linkRows(
  links: readonly LinkOutcome[] | undefined,
  simulatedNs: number,
): readonly LinkRow[] | undefined {
  const crossed = (links ?? []).filter(({ bytes }) => bytes > 0);
  if (crossed.length === 0 || simulatedNs === 0) return undefined;
  const rows = crossed.map(({ name, capacity, bytes, busyNs, peakShare }) => ({
    link: name,
    capacity_gb_s: capacity,
    bytes,
    busy_ratio: busyNs / simulatedNs,
    used_ratio: bytes / (capacity * simulatedNs),
    peak_ratio: peakShare,
  }));
  return rows.sort((a, b) => b.used_ratio - a.used_ratio).slice(0, LISTED_LINKS_MAX);
}
