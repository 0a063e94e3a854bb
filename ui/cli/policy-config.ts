import { isAbsolute, join } from 'node:path';
import { isRecord } from '#core/config/key-schema.ts';
import { parsePolicyText } from '#core/config/policy-file/policy-file.ts';
import type { PolicyFile } from '#core/config/policy-file/policy-schema.ts';
import { POLICY_KEY } from '#core/config/policy-file/take-policy.ts';
import type { SetOption } from '#core/config/set-option.ts';
import { readConfigText } from './config-text.ts';

/** Options in which files of policy classes stand by their content; names are relative to here. */
export function withPolicyConfig(sets: readonly SetOption[]): readonly SetOption[] {
  return sets.map((set) => {
    if (set.path === `router.${POLICY_KEY}`) {
      return typeof set.value === 'string' ? { ...set, value: readPolicyConfig(set.value) } : set;
    }
    return set.path === 'router' ? { ...set, value: withContent(set.value, '.') } : set;
  });
}

/** A config in which a file of policy classes stands by its content; its name is relative to `folder`. */
export function withPolicyContent(config: unknown, folder: string): unknown {
  if (!isRecord(config) || !isRecord(config.router)) return config;
  return { ...config, router: withContent(config.router, folder) };
}

function withContent(router: unknown, folder: string): unknown {
  if (!isRecord(router)) return router;
  const name = router[POLICY_KEY];
  if (typeof name !== 'string') return router;
  const content = readPolicyConfig(isAbsolute(name) ? name : join(folder, name));
  return { ...router, [POLICY_KEY]: content };
}

function readPolicyConfig(file: string): PolicyFile {
  return parsePolicyText(readConfigText(file), file);
}
