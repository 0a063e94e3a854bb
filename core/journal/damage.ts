import { z } from 'zod';
import type { InputErrorOptions } from '#core/base/errors.ts';
import { nearestName } from '#core/base/nearest.ts';
import { allowedText } from '#core/config/allowed.ts';
import {
  childValue,
  formatPath,
  type KeySchema,
  keysOf,
  type PathPart,
  schemaAt,
} from '#core/config/key-schema.ts';

/** What an object must be, and the same in the words of JSON Schema for messages. */
export interface ObjectShape {
  readonly schema: z.ZodType;
  readonly keys: KeySchema;
}

/** What is wrong with an object, and where: parts of an error. */
export interface Damage extends InputErrorOptions {
  readonly problem: string;
}

export function shapeOf(schema: z.ZodType): ObjectShape {
  return { schema, keys: z.toJSONSchema(schema) as KeySchema };
}

/** The first thing that is wrong with a value, undefined when it is as it should be. */
export function damageOf({ schema, keys }: ObjectShape, value: unknown): Damage | undefined {
  const issue = schema.safeParse(value).error?.issues[0];
  if (issue === undefined) return undefined;
  const path = issue.path as readonly PathPart[];
  const node = schemaAt(path, value, keys) ?? {};
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const known = keysOf(node);
    return wrong('unknown key', [...path, key], value, known.join(', '), nearestName(key, known));
  }
  const received = path.reduce<unknown>(childValue, value);
  const names = node.enum ?? [];
  const nearest = typeof received === 'string' ? nearestName(received, names) : undefined;
  const problem = received === undefined ? 'missing' : 'bad value';
  return wrong(problem, path, value, allowedText(node), nearest);
}

function wrong(
  problem: string,
  path: readonly PathPart[],
  value: unknown,
  allowed: string,
  nearest: string | undefined,
): Damage {
  const received = path.reduce<unknown>(childValue, value);
  return {
    problem,
    path: formatPath(path),
    allowed,
    ...(received !== undefined && { received }),
    ...(nearest !== undefined && { nearest }),
  };
}
