import type { AttemptSummary, WastedWork } from './attempts.ts';
import type { CapSummary } from './cap.ts';
import { formatCount, formatNumber, formatQuantity, formatRatio, formatSpan } from './format.ts';
import { NEVER_FITS } from './rejections.ts';
import type { Report, ReportTrace } from './report.ts';
import type { Summary, WarmUpSummary } from './summary.ts';

/** What the readable forms of a report say of its requests: how they came, and what became of them. */

/** Where rate or concurrency count sessions, which a reader would take for requests. */
export function arrivalsText({ config, trace }: Report): string | undefined {
  const { request_rate: rate, rate_shape: shape, concurrency } = config.workload ?? {};
  if (trace.sessions === undefined) return undefined;
  if (concurrency !== undefined) {
    return `${formatCount(concurrency)} sessions at a time, each in its place while it thinks`;
  }
  if (shape !== undefined) {
    return `sessions start at a rate (${shape.type}); later turns follow their first`;
  }
  if (rate === undefined) return undefined;
  return `${formatQuantity(rate)} sessions/s start; later turns follow their first`;
}

/** How many requests the cap on an open loop let in, and what it cost them. */
export function capText(cap: CapSummary, trace: ReportTrace): string {
  const unit = trace.sessions === undefined ? 'requests' : 'first turns';
  const parts = [`at most ${formatCount(cap.max_concurrency)} under way`];
  const { achieved_rps: achieved, offered_rps: offered, binding_ratio: binding, delay_ms } = cap;
  if (achieved !== undefined && offered !== undefined) {
    parts.push(`${formatQuantity(achieved)} of ${formatQuantity(offered)} ${unit}/s sent`);
  }
  if (binding !== undefined) parts.push(`binding ${formatRatio(binding)} of the time`);
  if (cap.delayed > 0 && delay_ms.mean !== undefined && delay_ms.p99 !== undefined) {
    const mean = formatQuantity(delay_ms.mean);
    const p99 = formatQuantity(delay_ms.p99);
    parts.push(`delay mean ${mean} ms, p99 ${p99} ms (in no latency above)`);
  }
  return parts.join(' · ');
}

/** What was flown to warm the cluster up. */
export function warmUpText({ requests, end_ms }: WarmUpSummary): string {
  const until = end_ms === undefined ? '' : `, until ${formatSpan(end_ms)}`;
  return `${formatNumber(requests, 'request')} in no statistic${until}`;
}

/** What became of the requests. */
export function requestsText(summary: Summary): string {
  const parts = [`${formatCount(summary.completed)} completed`];
  parts.push(`${formatCount(summary.rejected)} rejected${reasonsText(summary)}`);
  if (summary.cancelled !== undefined) parts.push(`${formatCount(summary.cancelled)} cancelled`);
  if (summary.timed_out !== undefined) parts.push(`${formatCount(summary.timed_out)} timed out`);
  if (summary.incomplete > 0) parts.push(`${formatCount(summary.incomplete)} incomplete`);
  return parts.join(', ');
}

/** How often requests were tried. */
export function attemptsText({ total, ...attempts }: AttemptSummary): string {
  const parts = [`${formatCount(total)} (${formatQuantity(attempts.amplification)} a request)`];
  parts.push(`${formatCount(attempts.retried_requests)} requests tried again`);
  parts.push(`${formatCount(attempts.failed_requests)} of them in vain`);
  return parts.join(', ');
}

/** What was computed for nobody. */
export function wastedText(wasted: WastedWork): string {
  const part = (tokens: number, ratio: number | undefined, kind: string): string => {
    const share = ratio === undefined ? '' : ` (${formatRatio(ratio)})`;
    return `${formatCount(tokens)} ${kind} tokens${share}`;
  };
  return [
    part(wasted.prefill_tokens, wasted.prefill_ratio, 'prefill'),
    part(wasted.output_tokens, wasted.output_ratio, 'output'),
  ].join(', ');
}

/** Why requests were rejected, where the router has rejected any. */
function reasonsText({ rejections }: Summary): string {
  const reasons = Object.entries(rejections ?? {}).sort();
  if (reasons.every(([reason]) => reason === NEVER_FITS)) return '';
  const parts = reasons.map(([reason, count]) => `${reason} ${formatCount(count)}`);
  return ` (${parts.join(', ')})`;
}

/** Which limits of which policy classes kept requests out, where any did. */
export function fullQueuesText({ queue_rejections: classes }: Summary): string | undefined {
  if (classes === undefined) return undefined;
  return Object.entries(classes)
    .sort()
    .map(([policyClass, limits]) => {
      const parts = Object.entries(limits)
        .sort()
        .map(([limit, count]) => `${formatCount(count)} by ${limit}`);
      return `${policyClass} ${parts.join(', ')}`;
    })
    .join(' · ');
}
