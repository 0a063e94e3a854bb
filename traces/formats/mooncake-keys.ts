import { InputError } from '#core/base/errors.ts';
import type { JsonRecord, LinePlace } from './fields.ts';

/** Keys that the reader understands; a value has one name or the alias of Dynamo's own reader. */
export const MOONCAKE_KEYS = [
  'hash_ids',
  'input_length',
  'input_tokens',
  'output_length',
  'output_tokens',
  'timestamp',
  'created_time',
  'session_id',
  'request_id',
  'delay',
  'delay_ms',
  'priority',
  'strict_priority',
  'tenant',
  'policy_class',
  'required_taints',
  'preferred_taints',
  'lora_name',
  'backend_instance_id',
  'dp_rank',
  'allowed_workers',
  'excluded_workers',
  'embedding_holders',
  'router_config_override',
  'task',
  'cancel_after_ms',
  'cancel_after_tokens',
  'ttft_timeout_ms',
  'timeout_ms',
  'mm_hashes',
] as const;

interface ForeignKey {
  readonly effect: string;
  readonly remedy: string;
}

const AGENTIC = 'read the trace with --trace-format agentic_mooncake';

/** Keys that mean something to Dynamo and nothing to this format: harmless only without a value. */
const FOREIGN_KEYS: ReadonlyMap<string, ForeignKey> = new Map([
  [
    'output_token_ids',
    {
      effect: 'fixes the generated tokens, which is not modelled',
      remedy: 'remove output_token_ids from the rows to fly the trace without it',
    },
  ],
  ['wait_for', { effect: 'makes a request wait for others', remedy: AGENTIC }],
  ['tool_wait_ms', { effect: 'adds a tool call to the delay', remedy: AGENTIC }],
]);

/** A value and the names that it may have; what it looks like, when a key abbreviates the name. */
const VALUES: readonly {
  readonly names: readonly string[];
  readonly looksRight: (value: unknown) => boolean;
}[] = [
  { names: ['hash_ids'], looksRight: Array.isArray },
  { names: ['input_length', 'input_tokens'], looksRight: isNumber },
  { names: ['output_length', 'output_tokens'], looksRight: isNumber },
  { names: ['timestamp', 'created_time'], looksRight: isNumber },
  { names: ['session_id'], looksRight: isName },
  { names: ['delay', 'delay_ms'], looksRight: isNumber },
  { names: ['priority'], looksRight: isNumber },
  { names: ['strict_priority'], looksRight: isNumber },
  { names: ['tenant'], looksRight: isName },
  { names: ['policy_class'], looksRight: isName },
  { names: ['mm_hashes'], looksRight: Array.isArray },
];

function isNumber(value: unknown): boolean {
  return typeof value === 'number';
}

function isName(value: unknown): boolean {
  return isNumber(value) || typeof value === 'string';
}

const EXPECTED = [...MOONCAKE_KEYS, ...FOREIGN_KEYS.keys()];
const EXPECTED_SET: ReadonlySet<string> = new Set(EXPECTED);
const MODELLED_SET: ReadonlySet<string> = new Set(MOONCAKE_KEYS);

/** Unknown keys that a note lists. */
const NAMED_KEYS = 8;

/**
 * Looks at the keys of each row: unknown ones are tolerated, because traces carry annotations, but
 * a misspelling of a key that means something would change the run in silence.
 */
export class MooncakeKeyCheck {
  /** Unknown keys, and the rows that have them. */
  readonly #tolerated = new Map<string, number>();

  /** What was ignored, by name; at most one note. */
  get notes(): readonly string[] {
    if (this.#tolerated.size === 0) return [];
    const named = [...this.#tolerated].slice(0, NAMED_KEYS).map(([key, rows]) => {
      return `${JSON.stringify(key)} (in ${rows.toLocaleString('en-US')} rows)`;
    });
    const more = this.#tolerated.size - named.length;
    return [`unknown keys are ignored: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`];
  }

  /** Throws an InputError at the first key that is misspelt or asks for what is not modelled. */
  check(record: JsonRecord, place: LinePlace): void {
    for (const key of Object.keys(record)) {
      if (MODELLED_SET.has(key)) continue;
      const rows = this.#tolerated.get(key);
      if (rows !== undefined) {
        this.#tolerated.set(key, rows + 1);
        continue;
      }
      const foreign = FOREIGN_KEYS.get(key);
      if (foreign !== undefined) refuseEffect(key, foreign, record[key], place);
      else this.#checkSpelling(key, record, place);
    }
  }

  #checkSpelling(key: string, record: JsonRecord, place: LinePlace): void {
    const meant = misspeltKey(key) ?? abbreviatedKey(key, record);
    if (meant !== undefined) {
      throw new InputError('trace_invalid', `unknown key ${JSON.stringify(key)}`, {
        ...place,
        nearest: meant,
        remedy: 'keys that resemble no known one are ignored',
      });
    }
    // Another row may lack the value that an abbreviation could stand for.
    if (VALUES.some(({ names }) => names.some((name) => abbreviates(key, name)))) return;
    // Bounded: a hostile file could carry a new key on every line.
    if (this.#tolerated.size < 1_000) this.#tolerated.set(key, 1);
  }
}

function refuseEffect(
  key: string,
  { effect, remedy }: ForeignKey,
  value: unknown,
  place: LinePlace,
): void {
  const empty = Array.isArray(value) && value.length === 0;
  if (value === null || value === 0 || value === '' || empty) return;
  throw new InputError('trace_invalid', `${key} ${effect}`, { ...place, remedy });
}

/** The known key that `key` is a slip of: same letters in another style, or one or two edits away. */
export function misspeltKey(key: string): string | undefined {
  if (EXPECTED_SET.has(key) || key.length > 40) return undefined;
  const folded = fold(key);
  const tolerance = folded.length >= 10 ? 2 : 1;
  for (let edits = 0; edits <= tolerance; edits++) {
    const meant = EXPECTED.find((known) => withinEdits(folded, fold(known), edits));
    if (meant !== undefined) return meant;
  }
  return undefined;
}

/**
 * The known key that `key` abbreviates, where the row lacks its value and `key` has one that looks
 * like it: `input_len`, `in_tokens`, `session`.
 */
export function abbreviatedKey(key: string, record: JsonRecord): string | undefined {
  for (const { names, looksRight } of VALUES) {
    if (names.some((name) => Object.hasOwn(record, name)) || !looksRight(record[key])) continue;
    const meant = names.find((name) => abbreviates(key, name));
    if (meant !== undefined) return meant;
  }
  return undefined;
}

/** Whether each word of `key` begins the word of `name` in its place; later words may be missing. */
function abbreviates(key: string, name: string): boolean {
  if (key.length > 40) return false;
  const words = key
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  const full = name.split('_');
  if (words.length > full.length) return false;
  return words.every((word, index) => word.length >= 2 && full[index]!.startsWith(word));
}

function fold(key: string): string {
  return key.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** Whether at most `edits` insertions, deletions, substitutions or swaps turn `a` into `b`. */
function withinEdits(a: string, b: string, edits: number): boolean {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  const restA = a.slice(start);
  const restB = b.slice(start);
  if (restA === '' || restB === '') return restA.length + restB.length <= edits;
  if (edits === 0) return false;
  const swapped = restA[0] === restB[1] && restA[1] === restB[0];
  return (
    withinEdits(restA.slice(1), restB.slice(1), edits - 1) ||
    withinEdits(restA.slice(1), restB, edits - 1) ||
    withinEdits(restA, restB.slice(1), edits - 1) ||
    (swapped && withinEdits(restA.slice(2), restB.slice(2), edits - 1))
  );
}
