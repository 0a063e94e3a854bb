import type { FoundDecision } from '#core/journal/decision-search.ts';
import type {
  LatencyChange,
  Movement,
  OutcomeDifference,
  RequestChange,
} from '#sim/fork/outcome-difference.ts';
import {
  formatCount,
  formatNumber,
  formatQuantity,
  formatSigned,
  formatSpan,
} from '#sim/report/format.ts';
import { renderAligned } from '#sim/report/text-table.ts';

/** A decision that was forced, and what came of it. */
export interface Fork {
  readonly file: string;
  readonly found: FoundDecision;
  /** Where the request was sent instead. */
  readonly worker: number;
  readonly difference: OutcomeDifference;
}

const NUMBERS = ['mean', 'p50', 'p90', 'p99', 'max'] as const;

/** The fork for scripts. */
export function forkJson({ file, found, worker, difference }: Fork): unknown {
  const { ttft, e2e, gained, lost, reusedTokens } = difference;
  return {
    version: 1,
    file,
    decision: found.decision,
    request: found.request,
    line: found.traceLine,
    at_ns: found.atNs,
    worker: { before: found.target, after: worker },
    ttft_ms: ttft,
    e2e_ms: e2e,
    gained: movementJson(gained),
    lost: movementJson(lost),
    unchanged: difference.unchanged,
    completed_only_before: difference.completedOnlyBefore,
    completed_only_after: difference.completedOnlyAfter,
    reused_tokens: { before: reusedTokens[0], after: reusedTokens[1] },
    forked_request: requestJson(difference.forked),
  };
}

function movementJson({ requests, e2eMs, top }: Movement): unknown {
  return { requests, e2e_ms_total: e2eMs, top: top.map(requestJson) };
}

function requestJson({ request, line, ...change }: RequestChange): unknown {
  const both = <T>([before, after]: readonly [T, T]): unknown => ({ before, after });
  return {
    request,
    line,
    worker: both(change.worker),
    reused_tokens: both(change.reusedTokens),
    ttft_ms: both(change.ttftMs),
    e2e_ms: both(change.e2eMs),
  };
}

/** The fork for people. */
export function forkLines({ file, found, worker, difference }: Fork): string[] {
  const { ttft, e2e, gained, lost, unchanged, reusedTokens, forked } = difference;
  const { decision, request, traceLine, atNs, target } = found;
  const from = traceLine > 0 ? ` (line ${formatCount(traceLine)} of the trace)` : '';
  const net = (lost.e2eMs - gained.e2eMs) / 1000;
  const more = `${formatQuantity(Math.abs(net))} s ${net < 0 ? 'less' : 'more'} E2E`;
  const verdict = net === 0 ? 'the same E2E' : more;
  return [
    `${file}: decision ${formatCount(decision)}, at ${formatSpan(atNs / 1e6)}`,
    `request ${formatCount(request)}${from} to worker ${worker} instead of ${target}: ${verdict} over all requests`,
    '',
    ...requestTable('The request itself', [forked]),
    '',
    ...renderAligned({
      header: ['All requests (ms)', ...NUMBERS, 'n'],
      rows: [...latencyRows('TTFT', ttft), ...latencyRows('E2E', e2e)],
    }),
    '',
    `  ${formatNumber(gained.requests, 'request')} gained ${formatSpan(gained.e2eMs)} of E2E in all, ` +
      `${formatCount(lost.requests)} lost ${formatSpan(lost.e2eMs)}, ${formatCount(unchanged)} unchanged`,
    `  ${formatCount(reusedTokens[0])} prompt tokens reused before, ${formatCount(reusedTokens[1])} after`,
    ...completedLines(difference),
    ...movementLines('Gained most', gained),
    ...movementLines('Lost most', lost),
  ];
}

function completedLines({ completedOnlyBefore, completedOnlyAfter }: OutcomeDifference): string[] {
  if (completedOnlyBefore + completedOnlyAfter === 0) return [];
  const before = formatNumber(completedOnlyBefore, 'request');
  return [`! ${before} completed only before, ${formatCount(completedOnlyAfter)} only after`];
}

function latencyRows(name: string, { before, after }: LatencyChange): string[][] {
  const cells = (of: LatencyChange['before']): string[] =>
    NUMBERS.map((key) => (of[key] === undefined ? '–' : formatQuantity(of[key])));
  const changes = NUMBERS.map((key) => signed(before[key], after[key]));
  return [
    [`  ${name} before`, ...cells(before), formatCount(before.n)],
    [`  ${name} after`, ...cells(after), formatCount(after.n)],
    ['    difference', ...changes, ''],
  ];
}

function movementLines(title: string, { top }: Movement): string[] {
  return top.length === 0 ? [] : ['', ...requestTable(title, top)];
}

function requestTable(title: string, changes: readonly RequestChange[]): string[] {
  const arrow = ([before, after]: readonly [number, number]): string =>
    before === after ? `${formatCount(before)}` : `${formatCount(before)} → ${formatCount(after)}`;
  const header = [title, 'line', 'worker', 'reused', 'TTFT (ms)', 'by', 'E2E (ms)', 'by'];
  const rows = changes.map(({ request, line, worker, reusedTokens, ttftMs, e2eMs }) => [
    `  request ${formatCount(request)}`,
    formatCount(line),
    arrow(worker),
    arrow(reusedTokens),
    ttftMs[1] === undefined ? '–' : formatQuantity(ttftMs[1]),
    signed(...ttftMs),
    e2eMs[1] === undefined ? '–' : formatQuantity(e2eMs[1]),
    signed(...e2eMs),
  ]);
  return renderAligned({ header, rows });
}

function signed(before: number | undefined, after: number | undefined): string {
  if (before === undefined || after === undefined) return '–';
  const difference = after - before;
  return difference === 0 ? '0' : formatSigned(difference, formatQuantity);
}
