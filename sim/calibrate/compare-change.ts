import type { RecordingComparison } from './compare-recording.ts';

const LATENCIES = ['ttft_ms', 'tpot_ms', 'itl_ms', 'e2e_ms'] as const;

/** Figures of whose change a recording tells more than its noise. */
const FIGURES = ['mean', 'p50'] as const;

/** How one figure of a recording stands to that of another: ratios, measured and flown. */
export interface FigureChange {
  readonly latency: (typeof LATENCIES)[number];
  readonly figure: (typeof FIGURES)[number];
  readonly measured: number;
  readonly flown: number;
  /** The factor of the folders was taken from this figure: how near it comes says nothing. */
  readonly yardstick?: true;
}

/** How a recording differs from another one of the same requests, or of the same server. */
export interface RecordingChange {
  readonly from: string;
  readonly to: string;
  /** How much slower the machine of the second folder was, over all of both; 1 in one folder. */
  readonly scale: number;
  readonly figures: readonly FigureChange[];
}

/**
 * The changes from the first recording to each other one. Recordings of one folder were made on one
 * machine in one state. Of two folders, one may have had a busier machine: each folder has one factor,
 * by the mean E2E of all of its recordings, and what else changes is compared.
 */
export function compareChanges(checks: readonly RecordingComparison[]): RecordingChange[] {
  const [from, ...others] = checks;
  if (from === undefined) return [];
  return others.map((to) => {
    const apart = folderOf(from) !== folderOf(to);
    const scale = apart ? slownessOf(checks, to) / slownessOf(checks, from) : 1;
    return { from: from.name, to: to.name, scale, figures: changesOf(from, to, scale, apart) };
  });
}

function changesOf(
  from: RecordingComparison,
  to: RecordingComparison,
  scale: number,
  apart: boolean,
): FigureChange[] {
  return LATENCIES.flatMap((latency) => {
    const [before, after] = [from[latency], to[latency]];
    if (before === undefined || after === undefined) return [];
    return FIGURES.map((figure): FigureChange => {
      const isYardstick = apart && latency === 'e2e_ms' && figure === 'mean';
      return {
        latency,
        figure,
        measured: after.measured[figure] / before.measured[figure],
        flown: scale * (after.flown[figure] / before.flown[figure]),
        ...(isYardstick && { yardstick: true }),
      };
    });
  });
}

function folderOf({ name }: RecordingComparison): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('/')));
}

/** Measured over flown mean E2E: the geometric mean over the recordings of one's folder. */
function slownessOf(checks: readonly RecordingComparison[], one: RecordingComparison): number {
  const logs = checks
    .filter((check) => folderOf(check) === folderOf(one))
    .map(({ e2e_ms: { measured, flown } }) => Math.log(measured.mean / flown.mean));
  return Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length);
}
