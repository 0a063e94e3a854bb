import { expect, test } from 'vitest';
import { parseConfigText } from '../source.ts';
import { burstOf } from './limits.ts';
import { resolveServe } from './resolve-serve.ts';

const ENGINES = 'engines: [{name: a, url: "http://h:1"}]\n';
const KEYS = `auth: {client_keys: [{name: ann, sha256: "${'0'.repeat(64)}"}]}\n`;

function resolve(text: string) {
  const { value, place } = parseConfigText(ENGINES + text, 'serve.yaml');
  return resolveServe(value, place);
}

test('a limit is a rate with a burst, requests under way, or both; without any there is none', () => {
  expect(resolve('')).not.toHaveProperty('limits');
  const { limits } = resolve(
    `${KEYS}limits: {per_client: {requests_per_sec: 2.5}, per_tenant: {concurrent: 4}, total: {requests_per_sec: 10, burst: 40}}`,
  );
  expect(limits).toEqual({
    per_client: { requests_per_sec: 2.5 },
    per_tenant: { concurrent: 4 },
    total: { requests_per_sec: 10, burst: 40 },
  });
  expect(burstOf(limits!.per_client!)).toBe(3);
  expect(burstOf({ requests_per_sec: 0.1 })).toBe(1);
  expect(burstOf({ requests_per_sec: 1e6 })).toBe(50_000);
  expect(burstOf(limits!.total!)).toBe(40);
});

test.each([
  ['limits: {}', 'serve.yaml:2: limits: impossible: nothing is limited'],
  ['limits: {total: {}}', 'limits.total: impossible: nothing is limited'],
  ['limits: {total: {burst: 3}}', 'limits.total.burst: impossible: it is how far a rate may be'],
  [
    'limits: {per_client: {concurrent: 3}}',
    'limits.per_client: impossible: clients are told apart by their keys, and there are no auth.client_keys',
  ],
  ['limits: {total: {requests_per_sec: 0}}', 'limits.total.requests_per_sec: bad value'],
  ['limits: {total: {request_per_sec: 3}}', 'did you mean "requests_per_sec"?'],
  ['limits: {per_user: {concurrent: 3}}', 'limits.per_user: unknown key'],
])('%s is refused', (text, problem) => {
  expect(() => resolve(text)).toThrow(problem);
});
