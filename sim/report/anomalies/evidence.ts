import { formatCount, formatQuantity } from '../format.ts';

/** Why a counter is not zero: what it was held against, and its worst case, in numbers. */
export interface Evidence {
  /** Bounds of the definition; a case lies beyond all of them. */
  readonly threshold: Readonly<Record<string, number>>;
  /** `request` is a row of requests.jsonl, `worker` a target; other keys end in their unit. */
  readonly worst: Readonly<Record<string, number>>;
}

/** What a detector found: at least one case. */
export interface Finding {
  readonly count: number;
  readonly evidence: Evidence;
}

const UNITS = ['ms', 'tokens', 'blocks', 'rps'];

/** `worst: request 12, worker 3, blocked 340.2 ms`. */
export function evidenceText({ worst }: Evidence): string {
  const parts = Object.entries(worst).map(([key, value]) => {
    const words = key.split('_');
    const unit = words.length > 1 && UNITS.includes(words.at(-1)!) ? words.pop() : undefined;
    const number = Number.isInteger(value) ? formatCount(value) : formatQuantity(value);
    const spelt = unit === 'rps' ? 'requests/s' : unit;
    return `${words.join(' ')} ${number}${spelt === undefined ? '' : ` ${spelt}`}`;
  });
  return `worst: ${parts.join(', ')}`;
}
