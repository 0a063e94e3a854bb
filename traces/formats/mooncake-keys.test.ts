import { expect, test } from 'vitest';
import { abbreviatedKey, MOONCAKE_KEYS, MooncakeKeyCheck, misspeltKey } from './mooncake-keys.ts';

test.each([
  ['hashIds', 'hash_ids'],
  ['hash-ids', 'hash_ids'],
  ['hash_id', 'hash_ids'],
  ['timestmap', 'timestamp'],
  ['timestamps', 'timestamp'],
  ['input_lenght', 'input_length'],
  ['InputTokens', 'input_tokens'],
  ['sesion_id', 'session_id'],
  ['dealy', 'delay'],
  ['delayMs', 'delay_ms'],
  ['wait_fro', 'wait_for'],
  ['tenants', 'tenant'],
  ['policyClass', 'policy_class'],
])('%s is a slip of %s', (key, meant) => {
  expect(misspeltKey(key)).toBe(meant);
});

test.each([
  'type',
  'turn',
  'chat_id',
  'model',
  'user',
  'request_type',
  'input_text',
  'requests',
  ...MOONCAKE_KEYS,
])('%s is no slip', (key) => {
  expect(misspeltKey(key)).toBeUndefined();
});

test('keys that are not modelled are harmless without a value', () => {
  const keys = new MooncakeKeyCheck();
  const place = { file: 't', line: 1 };
  keys.check({ output_token_ids: [], wait_for: null, tool_wait_ms: 0 }, place);
  expect(() => keys.check({ output_token_ids: [5] }, place)).toThrow('fixes the generated tokens');
});

test.each([
  ['input_len', 512, 'input_length'],
  ['inputLen', 512, 'input_length'],
  ['in_tok', 512, 'input_tokens'],
  ['output', 12, 'output_length'],
  ['hash', [1, 2], 'hash_ids'],
  ['session', 'a', 'session_id'],
  ['prio', 3, 'priority'],
  ['time', 17, 'timestamp'],
])('%s with %j stands for %s where that is absent', (key, value, meant) => {
  expect(abbreviatedKey(key, { [key]: value })).toBe(meant);
  expect(abbreviatedKey(key, { [key]: value, [meant]: value })).toBeUndefined();
});

test('an abbreviation with another kind of value is an annotation', () => {
  expect(abbreviatedKey('input', { input: 'Hello' })).toBeUndefined();
  expect(abbreviatedKey('hash', { hash: 'c0ffee' })).toBeUndefined();
});

test('an abbreviation is looked at in every row', () => {
  const keys = new MooncakeKeyCheck();
  const place = { file: 't', line: 1 };
  keys.check({ input_length: 5, input_len: 5 }, place);
  expect(() => keys.check({ input_len: 5 }, place)).toThrow('did you mean "input_length"');
});

test('keys that are ignored are told once, with the rows that have them', () => {
  const keys = new MooncakeKeyCheck();
  for (let line = 1; line <= 3; line++) {
    keys.check(line === 2 ? { comment: 'x', zone: 1 } : { zone: 1 }, { file: 't', line });
  }
  expect(keys.notes).toEqual([
    'unknown keys are ignored: "zone" (in 3 rows), "comment" (in 1 rows)',
  ]);
  expect(new MooncakeKeyCheck().notes).toEqual([]);
});
