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
}

/** How a recording differs from another one of the same requests, or of the same server. */
export interface RecordingChange {
  readonly from: string;
  readonly to: string;
  /** Measured over flown mean E2E, of the second over the first: the machine's share; 1 in one folder. */
  readonly scale: number;
  readonly figures: readonly FigureChange[];
}

/**
 * The change from one recording to another. Recordings of one folder were made on one machine in one
 * state. Of two folders, one may have had a busier machine: flown times of each are scaled by one
 * factor, so that its mean E2E is the measured one, and what else changes is compared.
 */
export function compareChange(from: RecordingComparison, to: RecordingComparison): RecordingChange {
  const scale = folderOf(from) === folderOf(to) ? 1 : slownessOf(to) / slownessOf(from);
  const figures = LATENCIES.flatMap((latency) => {
    const [before, after] = [from[latency], to[latency]];
    if (before === undefined || after === undefined) return [];
    return FIGURES.map((figure): FigureChange => {
      const measured = after.measured[figure] / before.measured[figure];
      return {
        latency,
        figure,
        measured,
        flown: scale * (after.flown[figure] / before.flown[figure]),
      };
    });
  });
  return { from: from.name, to: to.name, scale, figures };
}

function folderOf({ name }: RecordingComparison): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('/')));
}

function slownessOf({ e2e_ms }: RecordingComparison): number {
  return e2e_ms.measured.mean / e2e_ms.flown.mean;
}
