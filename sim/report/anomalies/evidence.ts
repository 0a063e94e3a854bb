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

/** What is asked first comes first: who, where, when. */
const FIRST = ['request', 'worker', 'at_ms', 'from_ms', 'to_ms'];

function placeOf(key: string): number {
  const place = FIRST.indexOf(key);
  return place < 0 ? FIRST.length : place;
}

/** `worst: request 12, worker 3, blocked 340.2 ms`. */
export function evidenceText({ worst }: Evidence): string {
  const keys = Object.keys(worst).sort((a, b) => placeOf(a) - placeOf(b) || (a < b ? -1 : 1));
  const parts = keys.map((key) => {
    const value = worst[key]!;
    const words = key.split('_');
    const unit = words.length > 1 && UNITS.includes(words.at(-1)!) ? words.pop() : undefined;
    const number = Number.isInteger(value) ? formatCount(value) : formatQuantity(value);
    const spelt = unit === 'rps' ? 'requests/s' : unit;
    return `${words.join(' ')} ${number}${spelt === undefined ? '' : ` ${spelt}`}`;
  });
  return `worst: ${parts.join(', ')}`;
}
