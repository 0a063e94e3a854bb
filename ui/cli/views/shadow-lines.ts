import type { AdvisedMetric, AdvisedMetricKey } from '#live/shadow/advice.ts';
import type { MonitorStatus } from '#live/shadow/error-monitor.ts';
import type { AdviceStatus, ShadowStatus } from '#live/shadow/shadow-status.ts';
import { formatCount, formatQuantity, formatSigned } from '#sim/report/format.ts';
import { renderAligned } from '#sim/report/text-table.ts';

/** The shadow of a live router at a glance. */
export function shadowLines(shadow: ShadowStatus): readonly string[] {
  return [
    '',
    `shadow     ${stateText(shadow)}`,
    ...errorLines(shadow),
    `drift      ${driftText(shadow)}`,
    ...(shadow.advice === undefined ? [] : adviceLines(shadow.advice)),
  ];
}

function stateText({ state, reason, forecasts, lag_ms, ...counts }: ShadowStatus): string {
  if (state === 'dead') return `dead: ${reason}; requests are routed without it`;
  const { late, skipped, dropped } = counts;
  const without = [
    late > 0 && `${formatCount(late)} too late`,
    skipped > 0 && `${formatCount(skipped)} skipped`,
    dropped > 0 && `${formatCount(dropped)} dropped`,
  ].filter((part) => part !== false);
  const lag = lag_ms === null ? [] : [`lag ${formatQuantity(lag_ms)} ms`];
  return [`${formatCount(forecasts)} requests predicted`, ...lag, ...without].join(' · ');
}

function errorLines({ ttft, e2e }: ShadowStatus): readonly string[] {
  const kinds = [
    ['TTFT', ttft],
    ['E2E', e2e],
  ] as const;
  const rows = kinds.flatMap(([name, { errors }]) =>
    errors === null
      ? []
      : [
          [
            name,
            ...[errors.mean, errors.p50, errors.p90].map(signed),
            ...[errors.absolute.mean, errors.absolute.p50, errors.absolute.p90].map(percent),
            formatCount(errors.count),
          ],
        ],
  );
  return rows.length === 0 ? [] : renderAligned({ header: ERRORS, rows });
}

const ERRORS = ['error', 'mean', 'p50', 'p90', '|mean|', '|p50|', '|p90|', 'n'];

function driftText({ ttft, e2e }: ShadowStatus): string {
  const alarms = [...driftOf('TTFT', ttft), ...driftOf('E2E', e2e)];
  const before = ttft.alarms + e2e.alarms;
  if (alarms.length > 0) return `ALARM: ${alarms.join(', ')} than predicted`;
  return before === 0 ? 'none' : `none now, ${formatCount(before)} before`;
}

function driftOf(name: string, { drift }: MonitorStatus): readonly string[] {
  return drift === 'none' ? [] : [`${name} ${drift}`];
}

function adviceLines({ state, latest, policies, age_s }: AdviceStatus): readonly string[] {
  if (state === 'dead') return ['advice     no policies are flown any more'];
  if (latest === null)
    return [`advice     ${policies.slice(1).join(', ')}: not enough requests yet`];
  const span = `${formatCount(latest.requests)} requests of ${formatQuantity(latest.span_s)} s${age_s === null ? '' : `, flown ${ageText(age_s)} ago`}`;
  const rows = latest.policies.map(({ name, metrics }) => [
    name,
    ...COLUMNS.flatMap(([key, , scale]) => metricCells(metrics[key], scale)),
  ]);
  return [
    `advice     over ${span}, relative to the current policy in the shadow`,
    ...renderAligned({ header: ['policy', ...HEADS], rows }),
  ];
}

function ageText(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${Math.floor(seconds)} s` : `${minutes} min`;
}

const COLUMNS: readonly (readonly [AdvisedMetricKey, string, number])[] = [
  ['ttft_ms_mean', 'TTFT ms', 1],
  ['e2e_ms_mean', 'E2E ms', 1],
  ['output_throughput_tok_s', 'tok/s', 1],
  ['prefix_cache_reused_ratio', 'hit %', 100],
];
const HEADS = COLUMNS.flatMap(([, head]) => [head, '×', '95 %']);

function metricCells(metric: AdvisedMetric | undefined, scale: number): readonly string[] {
  if (metric === undefined) return ['–', '–', '–'];
  const { value, ratio, low, high } = metric;
  const interval =
    low === undefined || high === undefined ? '–' : `${low.toFixed(3)} … ${high.toFixed(3)}`;
  return [formatQuantity(value * scale), ratio === undefined ? '–' : ratio.toFixed(3), interval];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function signed(share: number): string {
  return formatSigned(share, percent);
}
