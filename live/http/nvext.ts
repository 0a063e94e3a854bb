import { nearestName } from '#core/base/nearest.ts';
import { isRecord } from '#core/config/key-schema.ts';
import { badField } from './http-failure.ts';

/** Fields of Dynamo's extension that say something to a router; the others are named in `IGNORED`. */
const FIELDS = [
  'backend_instance_id',
  'decode_worker_id',
  'prefill_worker_id',
  'dp_rank',
  'prefill_dp_rank',
  'token_data',
  'cache_salt',
  'agent_hints',
  'routing_constraints',
] as const;

/** Fields that Dynamo's own frontend and engines act on: taken, told to the client as ignored. */
const IGNORED: readonly string[] = [
  'greed_sampling',
  'use_raw_prompt',
  'annotations',
  'max_thinking_tokens',
  'extra_fields',
  'metadata_upload',
  'request_timestamp_ms',
  'router',
];

const AGENT_FIELDS = [
  'priority',
  'strict_priority',
  'osl',
  'latency_sensitivity',
  'speculative_prefill',
] as const;

/** What `nvext` asks for. */
export interface Nvext {
  /** Workers as decimal text: ids have 64 bits. */
  readonly worker?: string;
  readonly prefillWorker?: string;
  readonly rank?: number;
  readonly prefillRank?: number;
  readonly tokenIds?: readonly number[];
  readonly cacheSalt?: string;
  readonly priority?: number;
  readonly strictPriority?: number;
  readonly outputTokens?: number;
  readonly requiredTaints?: readonly string[];
  readonly preferredTaints?: Readonly<Record<string, number>>;
  /** Fields that change nothing here. */
  readonly ignored: readonly string[];
}

const NOTHING: Nvext = { ignored: [] };

/**
 * Reads the extension of a request from its JSON text. A field that is unknown, or whose value is
 * none, throws the 400 that tells which, as Dynamo does.
 */
export function readNvext(text: string | undefined): Nvext {
  if (text === undefined || text === 'null') return NOTHING;
  const written = parseExactly(text);
  if (!isRecord(written)) throw badField('nvext', 'not an object');
  refuseUnknown(written, [...FIELDS, ...IGNORED], 'nvext');
  const hints = written.agent_hints ?? {};
  if (!isRecord(hints)) throw badField('nvext.agent_hints', 'not an object');
  refuseUnknown(hints, AGENT_FIELDS, 'nvext.agent_hints');
  const workerKey = written.decode_worker_id == null ? 'backend_instance_id' : 'decode_worker_id';
  return defined({
    worker: workerId(written, workerKey),
    prefillWorker: workerId(written, 'prefill_worker_id'),
    rank: whole(written, 'dp_rank', 'nvext'),
    prefillRank: whole(written, 'prefill_dp_rank', 'nvext'),
    tokenIds: tokenIds(written.token_data),
    cacheSalt: salt(written.cache_salt),
    priority: priority(hints),
    strictPriority: whole(hints, 'strict_priority', 'nvext.agent_hints'),
    outputTokens: whole(hints, 'osl', 'nvext.agent_hints'),
    ...taints(written.routing_constraints),
    ignored: ignoredFields(written, hints),
  });
}

/** What is taken and changes nothing here: a prompt that is sent ahead is sent by Dynamo's frontend. */
function ignoredFields(
  written: Readonly<Record<string, unknown>>,
  hints: Readonly<Record<string, unknown>>,
): readonly string[] {
  const ignored = IGNORED.filter((key) => written[key] != null).map((key) => `nvext.${key}`);
  return hints.speculative_prefill === true
    ? [...ignored, 'nvext.agent_hints.speculative_prefill']
    : ignored;
}

/** Parses with integers beyond 2^53 as bigint. */
function parseExactly(text: string): unknown {
  const exact = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => {
    const isLossy =
      typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
    return isLossy && /^-?\d+$/.test(context?.source ?? '') ? BigInt(context!.source!) : value;
  };
  return JSON.parse(text, exact);
}

function refuseUnknown(written: object, known: readonly string[], path: string): void {
  const unknown = Object.keys(written).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const nearest = nearestName(unknown, known);
  const advice =
    nearest === undefined ? `known: ${known.join(', ')}` : `did you mean "${nearest}"?`;
  throw badField(`${path}.${unknown}`, `unknown field; ${advice}`);
}

function workerId(written: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const value = written[key];
  if (value == null) return undefined;
  const isId = typeof value === 'bigint' || (Number.isSafeInteger(value) && (value as number) >= 0);
  if (!isId) throw badField(`nvext.${key}`, 'not the id of a worker');
  return String(value);
}

function whole(
  written: Readonly<Record<string, unknown>>,
  key: string,
  path: string,
): number | undefined {
  const value = written[key];
  if (value == null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    throw badField(`${path}.${key}`, 'not a whole number from 0 to 4294967295');
  }
  return value;
}

/** `latency_sensitivity` is what priority was called before. */
function priority(hints: Readonly<Record<string, unknown>>): number | undefined {
  const value = hints.priority ?? hints.latency_sensitivity;
  if (value == null) return undefined;
  if (typeof value !== 'number' || Math.abs(value) > 2 ** 31) {
    throw badField('nvext.agent_hints.priority', 'not a number of 32 bits');
  }
  return value;
}

/** Taints that an engine must have, and weights of those that it should have or lack. */
function taints(value: unknown): Pick<Nvext, 'requiredTaints' | 'preferredTaints'> {
  if (value == null) return {};
  const path = 'nvext.routing_constraints';
  if (!isRecord(value)) throw badField(path, 'not an object');
  refuseUnknown(value, ['required_taints', 'preferred_taints'], path);
  const { required_taints: required, preferred_taints: preferred } = value;
  if (required != null && !(Array.isArray(required) && required.every(isText))) {
    throw badField(`${path}.required_taints`, 'not a list of names');
  }
  if (preferred != null && !(isRecord(preferred) && Object.values(preferred).every(isNumber))) {
    throw badField(`${path}.preferred_taints`, 'not a weight for each name');
  }
  return {
    ...(required != null && { requiredTaints: required as readonly string[] }),
    ...(preferred != null && { preferredTaints: preferred as Readonly<Record<string, number>> }),
  };
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => Number.isFinite(value);

function tokenIds(value: unknown): readonly number[] | undefined {
  if (value == null) return undefined;
  if (!Array.isArray(value)) throw badField('nvext.token_data', 'not a list of token ids');
  return value as readonly number[];
}

function salt(value: unknown): string | undefined {
  if (value == null) return undefined;
  if (typeof value !== 'string') throw badField('nvext.cache_salt', 'not a text');
  return value;
}

/** Leaves out what is undefined, as exact optional properties want it. */
function defined<Shape extends object>(
  shape: Shape,
): { [Key in keyof Shape]: Exclude<Shape[Key], undefined> } {
  const kept = Object.entries(shape).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as { [Key in keyof Shape]: Exclude<Shape[Key], undefined> };
}
