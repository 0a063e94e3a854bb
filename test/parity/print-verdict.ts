import { type Check, ratioOf, type Value } from './judge/check.ts';
import type { LeapVerdict } from './judge/leap.ts';
import type { Flown, Verdict } from './verdict.ts';

/** What the short form prints even when it agrees. */
const HEADLINES: ReadonlySet<string> = new Set([
  'completed_requests',
  'committed_prefill_tokens',
  'mean_ttft_ms',
  'p99_ttft_ms',
  'mean_tpot_ms',
  'mean_itl_ms',
  'mean_e2e_latency_ms',
  'output_throughput_tok_s',
  'prefix_cache_reused_ratio',
]);

/** Differing fields of requests that the short form prints for one case. */
const FIELDS_SHOWN = 10;

/** A case as lines of text: every metric theirs, ours and ratio, then the verdict. */
export function printFlown(verdict: Flown, verbose: boolean): string {
  const shown = verdict.checks.filter(
    (check) => verbose || !check.ok || HEADLINES.has(check.metric) || verdict.checks.length < 6,
  );
  const fields = verbose ? verdict.fieldsBeyond : verdict.fieldsBeyond.slice(0, FIELDS_SHOWN);
  const means = (verdict.leap?.means ?? []).filter((check) => verbose || !check.ok);
  const lines = [`${verdict.name} (${kindText(verdict)})`];
  for (const check of [...shown, ...fields, ...means]) lines.push(checkLine(check));
  const hidden = verdict.fieldsBeyond.length - fields.length;
  if (hidden > 0) lines.push(`  … and ${hidden} more fields of requests`);
  if (verbose && verdict.unreported.length > 0) {
    lines.push(`  not reported by us: ${verdict.unreported.join(', ')}`);
  }
  if (verdict.error !== undefined) lines.push(`  failed: ${verdict.error}`);
  lines.push(`  => ${conclusion(verdict)}`);
  return lines.join('\n');
}

function kindText({ kind, saturated }: Flown): string {
  return kind === 'statistical' && saturated ? 'statistical, saturated' : kind;
}

function checkLine(check: Check): string {
  const ratio = ratioOf(check);
  const cells = [
    check.metric.padEnd(42),
    valueText(check.theirs).padStart(18),
    valueText(check.ours).padStart(18),
    (ratio === undefined ? '–' : ratio.toFixed(6)).padStart(10),
  ];
  const mark = check.ok ? '' : `  BEYOND ${check.allowed}`;
  return `  ${cells.join(' ')}${mark}`;
}

function valueText(value: Value): string {
  if (value === undefined) return '–';
  return typeof value === 'number' ? String(Number(value.toFixed(9))) : value;
}

function conclusion(verdict: Flown): string {
  const beyond = verdict.checks.filter((check) => !check.ok).length;
  const judged = verdict.checks.filter((check) => check.allowed !== 'not judged').length;
  const parts = [
    verdict.status === 'equal' ? 'equal' : 'BEYOND TOLERANCE',
    `${judged - beyond} of ${judged} metrics`,
  ];
  if (verdict.fieldsCompared > 0) {
    const good = verdict.fieldsCompared - verdict.fieldsBeyond.length;
    parts.push(`${good} of ${verdict.fieldsCompared} fields of requests`);
  }
  if (verdict.leap !== undefined) parts.push(leapText(verdict.leap));
  return parts.join('; ');
}

function leapText({ held, worstNs, boundNs }: LeapVerdict): string {
  if (held === 'each request') {
    return worstNs === 0
      ? 'leap: identical'
      : `leap: each request within 1 ns a pass (closest: ${worstNs} of ${boundNs} ns)`;
  }
  if (held === 'means') return 'leap: an order turned around, means within 0.1 %';
  return `leap: BEYOND, ${worstNs} ns where ${boundNs} are allowed, and means beyond 0.1 %`;
}

/** The line that ends the report. */
export function tallyText(verdicts: readonly Verdict[]): string {
  const count = (status: Verdict['status']): number =>
    verdicts.filter((verdict) => verdict.status === status).length;
  return (
    `${count('equal')} equal, ${count('beyond')} beyond tolerance, ` +
    `${count('not-flown')} not yet flown`
  );
}
