import { formatCount, formatNumber, formatQuantity, formatRatio, formatSpan } from '../format.ts';

/** Why a counter is not zero: what it was held against, and its worst case, in numbers. */
export interface Evidence {
  /** Bounds of the definition; a case lies beyond all of them. */
  readonly threshold: Readonly<Record<string, number>>;
  /** `request` is a row of requests.jsonl, `worker` a target; other keys end in their unit. */
  readonly worst: Readonly<Record<string, number>>;
  /** The pool of the worker; absent where there is only one. */
  readonly pool?: string;
}

/** What a detector found: at least one case. */
export interface Finding {
  readonly count: number;
  readonly evidence: Evidence;
}

/** Each number in words, in the order in which they are said: who, where, when, how much. */
const WORDS: readonly (readonly [key: string, say: (value: number) => string])[] = [
  ['request', (value) => `request ${formatCount(value)}`],
  ['worker', (value) => `worker ${formatCount(value)}`],
  ['at_ms', (value) => `at ${formatSpan(value)}`],
  ['from_ms', (value) => `from ${formatSpan(value)}`],
  ['to_ms', (value) => `to ${formatSpan(value)}`],
  ['overtaken_by', (value) => `overtaken by request ${formatCount(value)}`],
  ['blocked_ms', (value) => `blocked for ${formatSpan(value)}`],
  ['waited_ms', (value) => `waited for ${formatSpan(value)}`],
  ['needed_blocks', (value) => `needed ${formatNumber(value, 'block')}`],
  ['preemptions', (value) => `preempted ${formatNumber(value, 'time')}`],
  ['preemptions_of_all', (value) => `of ${formatNumber(value, 'preemption')} in the run`],
  ['lost_tokens', (value) => `${formatNumber(value, 'token')} computed again`],
  ['lost_by_all_tokens', (value) => `by all requests ${formatNumber(value, 'token')}`],
  ['lost_share_of_prefill', (value) => `${formatRatio(value)} of all prefill`],
  ['load_to_mean', (value) => `${formatQuantity(value)} times the mean load`],
  ['attempts', (value) => `${formatNumber(value, 'attempt')}`],
  ['retry_share', (value) => `${formatRatio(value)} of them retries`],
  ['failed_share', (value) => `${formatRatio(value)} of them in vain`],
  [
    'queue_at_last_arrival',
    (value) => `${formatNumber(value, 'request')} waiting at the last arrival`,
  ],
  ['slope_rps', (value) => `${formatQuantity(value)} requests/s more come in than are served`],
  ['growth_share_of_arrivals', (value) => `growth of ${formatRatio(value)} of the arrivals`],
  ['deviations', (value) => `${formatQuantity(value)} standard deviations beyond chance`],
  ['busy_ratio', (value) => `busy ${formatRatio(value)} of the time`],
];

/** `worst: request 12, worker 3, blocked for 340.2 ms`. */
export function evidenceText({ worst, pool }: Evidence): string {
  const parts = WORDS.flatMap(([key, say]) => (worst[key] === undefined ? [] : [say(worst[key])]));
  return `worst: ${parts.join(', ')}${pool === undefined ? '' : ` (${pool})`}`;
}
