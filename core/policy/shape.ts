import { InputError } from '#core/base/errors.ts';
import { nearestName } from '#core/base/nearest.ts';
import { describeValue, type UserSource } from '#core/base/user-code.ts';

/** A part of a policy that is not what it has to be. */
export function badShape(
  source: UserSource,
  path: string,
  received: unknown,
  allowed: string,
): InputError {
  return new InputError('policy_invalid', 'bad value', {
    ...source.placeOf(received),
    path,
    received: describeValue(received),
    allowed,
  });
}

/** Refuses a key that the part of a policy does not have. */
export function refuseUnknownKeys(
  source: UserSource,
  path: string,
  value: object,
  known: readonly string[],
): void {
  for (const key of Object.keys(value).sort()) {
    if (known.includes(key)) continue;
    const nearest = nearestName(key, known);
    throw new InputError('policy_invalid', 'unknown key', {
      ...source.placeOf(value),
      path: `${path}.${key}`,
      allowed: known.join(', '),
      ...(nearest === undefined ? {} : { nearest }),
    });
  }
}

/** Refuses a key that is there and is no function. */
export function checkFunction(
  source: UserSource,
  path: string,
  value: object,
  key: string,
  what: string,
): void {
  const found: unknown = Object.getOwnPropertyDescriptor(value, key)?.value;
  if (found !== undefined && typeof found !== 'function') {
    throw badShape(source, `${path}.${key}`, found, what);
  }
}

/** Refuses a name that is there and is no text. */
export function checkName(source: UserSource, path: string, name: unknown): void {
  if (name !== undefined && typeof name !== 'string') {
    throw badShape(source, `${path}.name`, name, 'text');
  }
}
