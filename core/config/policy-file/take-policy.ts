import { InputError } from '#core/base/errors.ts';
import { childValue, isRecord } from '../key-schema.ts';
import type { Locate } from '../problems.ts';
import { readPolicy } from './policy-file.ts';
import type { PolicyFile } from './policy-schema.ts';

/** The key of a config that holds a policy file, by name or by content. */
export const POLICY_KEY = 'router_policy_config';

const PATH = `router.${POLICY_KEY}`;

/** A config without its policy file, which is judged by a schema of its own. */
export interface TakenPolicy {
  readonly policy: PolicyFile | undefined;
  readonly rest: unknown;
}

/** Takes the content of a policy file out of a config; what is wrong with it is added to the list. */
export function takePolicy(written: unknown, locate: Locate, problems: InputError[]): TakenPolicy {
  const router = childValue(written, 'router');
  const value = childValue(router, POLICY_KEY);
  if (!isRecord(written) || !isRecord(router) || value === undefined) {
    return { policy: undefined, rest: written };
  }
  const { [POLICY_KEY]: _policy, ...others } = router;
  const rest = { ...written, router: others };
  if (typeof value === 'string') {
    problems.push(
      new InputError('config_invalid', 'names a file that nobody has read', {
        ...locate(PATH),
        path: PATH,
        received: value,
        allowed: 'here the content of the file; the command line takes its name too',
      }),
    );
    return { policy: undefined, rest };
  }
  const reading = readPolicy(value, locate, PATH);
  problems.push(...reading.problems);
  return { policy: reading.policy, rest };
}
