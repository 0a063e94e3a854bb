import type { Ns } from '#core/base/time.ts';

/** What sends requests, and is told when they end. */
interface Flow {
  readonly nextArrivalNs: Ns;
  take(nowNs: Ns): number;
  ended(row: number, nowNs: Ns): void;
}

/** Takes requests as they come, each ending `serviceMs` later; `[row, ms]` for each. */
export function playFlow(flow: Flow, serviceMs: (row: number) => number): [number, number][] {
  const ends: { row: number; atNs: Ns }[] = [];
  const sent: [number, number][] = [];
  for (;;) {
    ends.sort((a, b) => a.atNs - b.atNs || a.row - b.row);
    const end = ends[0];
    if (end !== undefined && end.atNs <= flow.nextArrivalNs) {
      ends.shift();
      flow.ended(end.row, end.atNs);
      continue;
    }
    const atNs = flow.nextArrivalNs;
    if (atNs === Number.POSITIVE_INFINITY) return sent;
    const row = flow.take(atNs);
    sent.push([row, atNs / 1e6]);
    ends.push({ row, atNs: atNs + serviceMs(row) * 1e6 });
  }
}
