import { expect, test } from 'vitest';
import { ConfigError } from '../config-error.ts';
import { resolveConfig } from '../resolve.ts';
import { parseConfigText } from '../source.ts';
import { parsePolicyText } from './policy-file.ts';

const GOOD = `default_policy_family: standard
uncached_isl_buckets:
  - {min_tokens: 0, bucket: short}
  - {min_tokens: 200, bucket: long}
policy_classes:
  - {name: s, policy_family: standard, cache_bucket: short, quantum: 100, prefill_busy_threshold: 50}
  - name: l
    policy_family: standard
    cache_bucket: long
    queue_policy: wspt
    quantum: 400
    prefill_busy_threshold_frac: 0.5
  - {name: vip, quantum: 1}
`;

/** All problems of a policy, one a line. */
function problemsOf(text: string): string {
  try {
    parsePolicyText(text, 'policy.yaml');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ message }) => message).join('\n');
  }
  return 'none';
}

test('a good file is read, and the order of a class is fcfs where it says none', () => {
  const policy = parsePolicyText(GOOD, 'policy.yaml');
  expect(policy.policy_classes?.map(({ queue_policy }) => queue_policy)).toEqual([
    'fcfs',
    'wspt',
    'fcfs',
  ]);
});

test('each problem says line, path, what was received and what is allowed', async () => {
  const bad: Readonly<Record<string, string>> = {
    'a bucket that does not exist': GOOD.replace('cache_bucket: long', 'cache_bucket: lnog'),
    'a misspelt key': GOOD.replace('quantum: 400', 'quantm: 400'),
    'no quantum': GOOD.replace('quantum: 100, ', ''),
    'a quantum of 0': GOOD.replace('quantum: 400', 'quantum: 0'),
    'half a quantum': GOOD.replace('quantum: 400', 'quantum: 1.5'),
    'an order that does not exist': GOOD.replace('wspt', 'wsp'),
    'a name with a space': GOOD.replace('name: s,', 'name: a b,'),
    'a missing cell': `${GOOD}  - {name: p, policy_family: premium, cache_bucket: long, quantum: 9}\n`,
    'a cell twice': `${GOOD}  - {name: t, policy_family: standard, cache_bucket: long, quantum: 9}\n`,
    'a family without a bucket': GOOD.replace('    cache_bucket: long\n', ''),
    'a name twice': GOOD.replace('name: vip', 'name: l'),
    'an explicit class with the name of a family': GOOD.replace('name: vip', 'name: standard'),
    'buckets out of order': GOOD.replace('min_tokens: 200', 'min_tokens: 0'),
    'a first bucket above 0': GOOD.replace('min_tokens: 0,', 'min_tokens: 10,'),
    'a default family that nobody has': GOOD.replace('family: standard\nun', 'family: standrd\nun'),
    'a limit without a threshold': `${GOOD}    # more\n`.replace(
      'name: vip, quantum: 1',
      'name: vip, quantum: 1, request_queue_limit_per_worker: 4',
    ),
    'no threshold at all': GOOD.replace(', prefill_busy_threshold: 50', '').replace(
      '    prefill_busy_threshold_frac: 0.5\n',
      '',
    ),
    'no buckets': GOOD.replace(/uncached_isl_buckets:\n(?: {2}- \{min.*\n)+/, ''),
    'nothing at all': '',
    'a selection of its own': `${GOOD}worker_selection: {aggregated: default, decode: mine}\n`,
    'a profile of a model with a mistake': `models:\n  org/llama-3.1-8b:\n${GOOD.replace(
      /^/gm,
      '    ',
    )
      .trimEnd()
      .replace('quantum: 400', 'quantum: -4')}\n`,
    'not a mapping': '- a\n- b\n',
  };
  const text = Object.entries(bad)
    .map(([what, yaml]) => `# ${what}\n${problemsOf(yaml)}\n`)
    .join('\n');
  await expect(text).toMatchFileSnapshot('../../../test/golden/config/policy-file-errors.txt');
});

test('content in a config is judged by the same rules, with the lines of the config', () => {
  const yaml = `router:\n  router_policy_config:\n${GOOD.replace(/^(?=.)/gm, '    ')}`;
  const resolve = (text: string) => {
    const { value, place } = parseConfigText(text, 'run.yaml');
    return resolveConfig(value, [], place);
  };
  expect(resolve(yaml).router.router_policy_config).toEqual(parsePolicyText(GOOD, 'p'));
  expect(() => resolve(yaml.replace('quantum: 400', 'quantum: 0'))).toThrow(
    'run.yaml:13: router.router_policy_config.policy_classes[1].quantum: bad value; received 0; allowed: a whole number from 1 to 2147483647',
  );
  expect(() => resolve(yaml.replace('cache_bucket: long', 'cache_bucket: lon'))).toThrow(
    'run.yaml:11: router.router_policy_config.policy_classes[1].cache_bucket: no such bucket; received "lon"; allowed: short, long; did you mean "long"?',
  );
});

test.each([
  [
    { router_policy_config: 'policy.yaml' },
    'names a file that nobody has read; received "policy.yaml"',
  ],
  [
    { router_policy_config: {}, router_queue_threshold: 2 },
    'router.router_policy_config.default_policy_family: missing',
  ],
  [{ router_policy_model: 'm' }, 'there is no policy file to choose from'],
])('in a config: %j', (router, message) => {
  expect(() => resolveConfig({ router })).toThrow(message);
});

test('what the classes replace is refused beside them, and so is a policy that nobody reads', () => {
  const router_policy_config = parsePolicyText(GOOD, 'p');
  const router = { router_policy_config };
  expect(() => resolveConfig({ router: { ...router, router_queue_threshold: 2 } })).toThrow(
    'router.router_queue_threshold: has no effect: each policy class has its own',
  );
  expect(() => resolveConfig({ router: { ...router, mode: 'round_robin' } })).toThrow(
    'router.router_policy_config: has no effect: only the KV router reads it',
  );
  const models = { 'org/big': router_policy_config, 'org/small': router_policy_config };
  const byModel = (model?: string) => {
    const chosen = model === undefined ? {} : { router_policy_model: model };
    return resolveConfig({ router: { router_policy_config: { models }, ...chosen } });
  };
  expect(byModel('org/big').router.router_policy_model).toBe('org/big');
  expect(() => byModel('org/bug')).toThrow('did you mean "org/big"?');
  expect(() => byModel()).toThrow('set router.router_policy_model to org/big or org/small');
});
