import { expect, test } from 'vitest';
import { parseConfigText, parseConfigValue } from './source.ts';

test.each([
  ['a cycle', 'a: &a\n  b: *a\n', 'contains it'],
  ['several documents', 'seed: 1\n---\nseed: 2\n', 'c.yaml:2: not valid YAML: a config is'],
  ['broken JSON', '{"seed": 1,,}', 'c.yaml:1: not valid YAML'],
  ['endless nesting', '['.repeat(100_000), 'not valid YAML'],
])('%s is bad input, not a defect', (_, text, message) => {
  expect(() => parseConfigText(text, 'c.yaml')).toThrow(message);
});

test('a JSON file is called one', () => {
  expect(() => parseConfigText('{"seed": 1,,}', 'c.json')).toThrow('c.json:1: not valid JSON');
});

test('a value that contains itself is bad input in --set too', () => {
  expect(() => parseConfigValue('&a [*a]', 'seed', '--set')).toThrow('contains it');
});

test('merge keys take a mapping in, and what stands beside them wins', () => {
  const text = 'slo: &slo {ttft_ms: 5, itl_ms: 7}\nother:\n  <<: *slo\n  itl_ms: 9\n';
  expect(parseConfigText(text, 'c').value).toMatchObject({ other: { ttft_ms: 5, itl_ms: 9 } });
});
