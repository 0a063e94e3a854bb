import { expect, test } from 'vitest';
import { MOONCAKE_KEYS, MooncakeKeyCheck, misspeltKey } from './mooncake-keys.ts';

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
  keys.check({ output_token_ids: [], policy_class: null, tool_wait_ms: 0 }, place);
  expect(() => keys.check({ output_token_ids: [5] }, place)).toThrow('fixes the generated tokens');
});
