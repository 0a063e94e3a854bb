import type { FlightFigures } from './dynamo.ts';
import type { Timing } from './timing.ts';

/** Best and median of both programs, and how many times as long theirs takes; `–` where it is absent. */
export function wallTimeCells(ours: Timing, theirs: FlightFigures | undefined): string[] {
  return [
    ours.bestMs.toFixed(0),
    ours.medianMs.toFixed(0),
    theirs?.bestMs.toFixed(0) ?? '–',
    theirs?.medianMs.toFixed(0) ?? '–',
    theirs === undefined ? '–' : (theirs.medianMs / ours.medianMs).toFixed(1),
  ];
}

/** Milliseconds as seconds. */
export function secondsCell(ms: number | undefined): string {
  return ms === undefined ? '–' : (ms / 1000).toFixed(1);
}
