import { InputError } from '#core/base/errors.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import type { SetOption } from '#core/config/set-option.ts';
import { valueAtPath } from '#core/config/written.ts';
import type { PolicyFile } from '#core/policy/policy-file.ts';
import { loadPolicy } from './load-policy.ts';

const FILE_KEY = 'router.policy';
const DIGEST_KEY = 'router.policy_sha256';

/** The key by which each policy of a file is used, and the switch that it needs besides. */
const USES: readonly {
  readonly policy: keyof PolicyFile;
  readonly path: string;
  readonly needs?: string;
}[] = [
  { policy: 'selection', path: 'router.mode' },
  { policy: 'queueOrder', path: 'router.router_queue_policy' },
  {
    policy: 'disaggregate',
    path: 'router.conditional_disagg_policy',
    needs: 'router.conditional_disagg_enabled',
  },
  { policy: 'eviction', path: 'engine.kv_eviction_policy' },
];

/**
 * Where the options or the config file name a policy file, adds what follows from it: its policies
 * are used unless another one was asked for, and its content is part of the config. Throws for a
 * policy that is asked for and not in the file, and for a file that is not the one of the digest.
 */
export function withPolicy(sets: readonly SetOption[], config: unknown): readonly SetOption[] {
  const file = written(sets, config, FILE_KEY);
  if (typeof file !== 'string' || file === '') return sets;
  const { policies, sha256 } = loadPolicy(file);
  const flag = sets.find(({ path }) => path === FILE_KEY)?.flag ?? FILE_KEY;
  const added: SetOption[] = [];
  for (const { policy, path, needs } of USES) {
    const asked = written(sets, config, path);
    const has = policies[policy] !== undefined;
    if (asked === 'policy' && !has) throw lacks(file, policy, path);
    if (!has || asked !== undefined) continue;
    added.push({ path, value: 'policy', flag });
    if (needs !== undefined && written(sets, config, needs) === undefined) {
      added.push({ path: needs, value: true, flag });
    }
  }
  const digest = written(sets, config, DIGEST_KEY);
  if (digest === undefined) return [...sets, ...added, { path: DIGEST_KEY, value: sha256, flag }];
  if (digest !== sha256) throw changed(file, digest, sha256);
  return [...sets, ...added];
}

/** The policies that a config flies with; throws where the file is not that of its digest. */
export function policiesOf({ router }: ResolvedConfig): PolicyFile | undefined {
  return router.policy === undefined ? undefined : load(router.policy, router.policy_sha256);
}

/** The policies of a config as a journal has it, whatever its version. */
export function recordedPolicies(config: unknown): PolicyFile | undefined {
  const file = valueAtPath(config, FILE_KEY);
  return typeof file === 'string' ? load(file, valueAtPath(config, DIGEST_KEY)) : undefined;
}

function load(file: string, digest: unknown): PolicyFile {
  const { policies, sha256 } = loadPolicy(file);
  if (digest !== undefined && digest !== sha256) throw changed(file, digest, sha256);
  return policies;
}

/** The value that a key will have, undefined where it is left to its default. */
function written(sets: readonly SetOption[], config: unknown, path: string): unknown {
  for (const set of sets) {
    if (set.path === path) return set.value ?? undefined;
    if (!path.startsWith(`${set.path}.`)) continue;
    return valueAtPath(set.value, path.slice(set.path.length + 1)) ?? undefined;
  }
  return valueAtPath(config, path) ?? undefined;
}

function lacks(file: string, policy: string, path: string): InputError {
  return new InputError('policy_invalid', `does not export ${policy}, which ${path} asks for`, {
    file,
    remedy: `export it, or leave ${path} out`,
  });
}

function changed(file: string, received: unknown, allowed: string): InputError {
  return new InputError('config_invalid', 'the policy file is not the one of this config', {
    path: DIGEST_KEY,
    received,
    allowed: `${allowed}, which is ${file} as it is now`,
    remedy: 'bring that file back, or leave the digest out',
  });
}
