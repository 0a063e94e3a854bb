import { z } from 'zod';
import { InputError } from '#core/base/errors.ts';
import { ConfigError } from '../config-error.ts';
import type { KeySchema } from '../key-schema.ts';
import { keysBelow } from '../keys.ts';
import { describeIssues } from '../problems.ts';
import type { ConfigPlace } from '../source.ts';
import { valueAtPath } from '../written.ts';
import { engineContradictions } from './engine-contradictions.ts';
import { type EngineEntry, engineEntrySchema } from './engine-list.ts';
import { locator } from './locator.ts';
import { refuseNewer } from './refuse-newer.ts';

/** The version of a file that lists engines. A file without one is read as this version. */
const ENGINES_VERSION = 1;
/** It must have the list, so that a file that is cut short is none. */
const fileSchema = z.strictObject({
  version: z.literal(ENGINES_VERSION).default(ENGINES_VERSION),
  engines: z.array(engineEntrySchema).max(1024),
});
const top = z.toJSONSchema(fileSchema, { io: 'input' }) as KeySchema;
const KNOWN = { top, keys: keysBelow(top) };

/**
 * The engines of a file that `discovery.file` names. Throws a `ConfigError` that lists what is wrong,
 * each problem with line, path, value and what is allowed.
 */
export function resolveEnginesFile(value: unknown, place: ConfigPlace): readonly EngineEntry[] {
  const locate = locator(place);
  refuseNewer(value, ENGINES_VERSION, locate);
  const parsed = fileSchema.safeParse(value);
  if (!parsed.success) {
    throw new ConfigError(describeIssues(parsed.error.issues, value, locate, KNOWN));
  }
  const { engines } = parsed.data;
  const problems = engineContradictions(engines).map(({ path, why, remedy }) => {
    const received = valueAtPath(value, path);
    return new InputError('config_invalid', `impossible: ${why}`, {
      ...locate(path),
      path,
      ...(received !== undefined && { received }),
      remedy,
    });
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return engines;
}
