import { InputError, type Place } from '#core/base/errors.ts';
import { nearestName } from '#core/base/nearest.ts';

/** A name that an EndpointPickerConfig cannot hold there, with those that it can and the nearest. */
export function unknownName(
  problem: string,
  received: string,
  known: readonly string[],
  where: Place,
): InputError {
  const nearest = nearestName(received, known);
  return new InputError('policy_invalid', problem, {
    ...where,
    received,
    allowed: known.join(', '),
    ...(nearest === undefined ? {} : { nearest }),
  });
}

/** Refuses the first key, in the order of the alphabet, that a mapping at `path` cannot have. */
export function refuseUnknownKeys(
  mapping: Readonly<Record<string, unknown>>,
  known: readonly string[],
  path: string,
  at: (path: string) => Place,
): void {
  const key = Object.keys(mapping)
    .sort()
    .find((name) => !known.includes(name));
  if (key === undefined) return;
  throw unknownName('unknown key', key, known, at(path === '' ? key : `${path}.${key}`));
}
