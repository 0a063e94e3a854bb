import { canonicalJson } from '#core/base/canonical-json.ts';
import { InputError } from '#core/base/errors.ts';
import { nearestName } from '#core/base/nearest.ts';
import { OVERRIDE_KEYS, ROUTING_KEYS, type TraceOverride, type TraceRouting } from '../routing.ts';
import {
  describeValue,
  type JsonRecord,
  type LinePlace,
  type NumberRange,
  readName,
  readNumber,
} from './fields.ts';

const KEYS = Object.values(ROUTING_KEYS);

const WORKER: NumberRange = {
  integer: true,
  min: 0,
  max: 1_000_000,
  allowed: 'the number of a worker, from 0',
};
const RANK: NumberRange = { ...WORKER, allowed: 'the number of a rank, from 0' };
const WEIGHT: NumberRange = { integer: false, min: -1e9, max: 1e9, allowed: 'a finite number' };
const FACTOR: NumberRange = { integer: false, min: 0, max: 1e9, allowed: 'a number from 0' };

/** Reads what rows ask of the router; rows that ask for the same get the same object. */
export class RoutingFields {
  readonly #known = new Map<string, TraceRouting>();

  /** What the row asks for, undefined = nothing. */
  read(record: JsonRecord, place: LinePlace): TraceRouting | undefined {
    if (KEYS.every((key) => record[key] === undefined || record[key] === null)) return undefined;
    const routing = readRouting(record, place);
    const text = canonicalJson(routing);
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    this.#known.set(text, routing);
    return routing;
  }
}

function readRouting(record: JsonRecord, place: LinePlace): TraceRouting {
  const worker = readNumber(record, [ROUTING_KEYS.backendInstanceId], WORKER, place);
  const rank = readNumber(record, [ROUTING_KEYS.dpRank], RANK, place);
  if (Number.isNaN(worker) && !Number.isNaN(rank)) {
    throw new InputError('trace_invalid', 'a rank without its worker', {
      ...place,
      path: ROUTING_KEYS.dpRank,
      received: rank,
      remedy: `add ${ROUTING_KEYS.backendInstanceId}`,
    });
  }
  return compact({
    requiredTaints: readTaints(record, place),
    preferredTaints: readWeights(record, place),
    loraName: readName(record, ROUTING_KEYS.loraName, place),
    backendInstanceId: number(worker),
    dpRank: number(rank),
    allowedWorkers: readWorkers(record, ROUTING_KEYS.allowedWorkers, place),
    excludedWorkers: readWorkers(record, ROUTING_KEYS.excludedWorkers, place),
    embeddingHolders: readWorkers(record, ROUTING_KEYS.embeddingHolders, place),
    override: readOverride(record, place),
  });
}

function readTaints(record: JsonRecord, place: LinePlace): readonly string[] | undefined {
  const key = ROUTING_KEYS.requiredTaints;
  const value = record[key];
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value) && value.every((taint) => typeof taint === 'string' && taint !== '')) {
    return value as readonly string[];
  }
  throw badValue(key, value, 'a list of names', place);
}

function readWorkers(
  record: JsonRecord,
  key: string,
  place: LinePlace,
): readonly number[] | undefined {
  const value = record[key];
  if (value === undefined || value === null) return undefined;
  const isWorker = (item: unknown): boolean =>
    Number.isInteger(item) && Number(item) >= WORKER.min && Number(item) <= WORKER.max;
  if (Array.isArray(value) && value.every(isWorker)) return value as readonly number[];
  throw badValue(key, value, 'a list of the numbers of workers, from 0', place);
}

function readWeights(
  record: JsonRecord,
  place: LinePlace,
): Readonly<Record<string, number>> | undefined {
  const key = ROUTING_KEYS.preferredTaints;
  const value = readMapping(record, key, place, 'a mapping of names to weights');
  if (value === undefined) return undefined;
  const names = Object.keys(value);
  return Object.fromEntries(
    names.map((name) => [name, required(readNumber(value, [name], WEIGHT, place), key, place)]),
  );
}

function readOverride(record: JsonRecord, place: LinePlace): TraceOverride | undefined {
  const key = ROUTING_KEYS.override;
  const allowed = Object.values(OVERRIDE_KEYS);
  const value = readMapping(record, key, place, `a mapping of ${allowed.join(', ')}`);
  if (value === undefined) return undefined;
  if (Object.hasOwn(value, 'shared_cache_multiplier')) {
    throw new InputError('trace_invalid', 'no tier below GPU memory is flown yet', {
      ...place,
      path: `${key}.shared_cache_multiplier`,
      remedy: 'leave it out',
    });
  }
  const unknown = Object.keys(value).find((name) => !allowed.some((known) => known === name));
  if (unknown !== undefined) {
    const nearest = nearestName(unknown, allowed);
    throw new InputError('trace_invalid', 'unknown key', {
      ...place,
      path: `${key}.${unknown}`,
      allowed: allowed.join(', '),
      ...(nearest !== undefined && { nearest }),
    });
  }
  const factor = (name: string): number | undefined =>
    number(readNumber(value, [name], FACTOR, place));
  return compact({
    overlapScoreCredit: factor(OVERRIDE_KEYS.overlapScoreCredit),
    overlapScoreWeight: factor(OVERRIDE_KEYS.overlapScoreWeight),
    prefillLoadScale: factor(OVERRIDE_KEYS.prefillLoadScale),
    routerTemperature: factor(OVERRIDE_KEYS.routerTemperature),
    trackPrefillTokens: readSwitch(value, OVERRIDE_KEYS.trackPrefillTokens, place),
    assumeKvReuse: readSwitch(value, OVERRIDE_KEYS.assumeKvReuse, place),
  });
}

function readMapping(
  record: JsonRecord,
  key: string,
  place: LinePlace,
  allowed: string,
): JsonRecord | undefined {
  const value = record[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'object' && !Array.isArray(value)) return value as JsonRecord;
  throw badValue(key, value, allowed, place);
}

function readSwitch(record: JsonRecord, key: string, place: LinePlace): boolean | undefined {
  const value = record[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return value;
  throw badValue(key, value, 'true or false', place);
}

function required(value: number, key: string, place: LinePlace): number {
  if (!Number.isNaN(value)) return value;
  throw badValue(key, null, WEIGHT.allowed, place);
}

function badValue(key: string, value: unknown, allowed: string, place: LinePlace): InputError {
  return new InputError('trace_invalid', 'bad value', {
    ...place,
    path: key,
    received: describeValue(value),
    allowed,
  });
}

function number(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}

type Compact<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The fields that have a value. */
function compact<T extends object>(fields: T): Compact<T> {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as Compact<T>;
}
