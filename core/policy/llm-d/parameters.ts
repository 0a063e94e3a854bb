import { InputError, type Place } from '#core/base/errors.ts';
import { nearestName } from '#core/base/nearest.ts';
import { isRecord } from '#core/config/key-schema.ts';

/** A number that a plug-in reads: its default, and what it may be. */
export interface NumberParameter {
  readonly standard: number;
  readonly least: number;
  readonly most?: number;
  readonly whole?: true;
}

/** What a plug-in type may be given. */
export interface ParameterSpec {
  readonly numbers: Readonly<Record<string, NumberParameter>>;
  /** Parameters that say how facts are gathered; the router has the facts, and they are not read. */
  readonly unread: readonly string[];
}

/** Where a plug-in stands in its file. */
export interface PluginPlace {
  readonly path: string;
  readonly at: (path: string) => Place;
}

/** The numbers of a plug-in, defaults filled in; throws for what it cannot be given. */
export function readParameters(
  given: unknown,
  { numbers, unread }: ParameterSpec,
  place: PluginPlace,
): Readonly<Record<string, number>> {
  const path = `${place.path}.parameters`;
  if (given !== undefined && given !== null && !isRecord(given)) {
    throw new InputError('policy_invalid', 'not a mapping', { ...place.at(path), received: given });
  }
  const known = Object.keys(numbers).sort();
  const values = new Map(known.map((name) => [name, numbers[name]!.standard]));
  for (const name of Object.keys(given ?? {}).sort()) {
    if (unread.includes(name)) continue;
    const where = place.at(`${path}.${name}`);
    const spec = numbers[name];
    if (spec === undefined) throw unknownParameter(name, [...known, ...unread], where);
    values.set(name, checkNumber(given?.[name], spec, where));
  }
  return Object.fromEntries(values);
}

function checkNumber(value: unknown, spec: NumberParameter, where: Place): number {
  const { least, most = Number.MAX_VALUE, whole } = spec;
  const fits = typeof value === 'number' && value >= least && value <= most;
  if (fits && (whole !== true || Number.isInteger(value))) return value;
  const kind = whole === true ? 'a whole number' : 'a number';
  throw new InputError('policy_invalid', 'bad value', {
    ...where,
    received: value,
    allowed: `${kind} from ${least} ${spec.most === undefined ? 'up' : `to ${spec.most}`}`,
  });
}

function unknownParameter(name: string, known: readonly string[], where: Place): InputError {
  const nearest = nearestName(name, known);
  return new InputError('policy_invalid', 'unknown parameter', {
    ...where,
    allowed: known.length === 0 ? 'none' : known.join(', '),
    ...(nearest === undefined ? {} : { nearest }),
  });
}
