import { expect, test } from 'vitest';
import { nearestName } from './nearest.ts';

const MODES = ['round_robin', 'random', 'power_of_two', 'least_loaded', 'kv_router'];

test.each([
  ['round-robin', 'round_robin'],
  ['roundrobin', 'round_robin'],
  ['KV_ROUTER', 'kv_router'],
  ['kv_ruoter', 'kv_router'],
  ['leastloaded', 'least_loaded'],
  ['randm', 'random'],
])('%s was meant to be %s', (received, expected) => {
  expect(nearestName(received, MODES)).toBe(expected);
});

test('two letters that changed places are one mistake', () => {
  const models = ['Qwen/Qwen3-14B', 'Qwen/Qwen3-32B'];
  expect(nearestName('Qwen/Qwen3-23B', models)).toBe('Qwen/Qwen3-32B');
});

test('nothing is suggested when nothing is near, and the first of equals wins', () => {
  expect(nearestName('telepathy', MODES)).toBeUndefined();
  expect(nearestName('anything', [])).toBeUndefined();
  expect(nearestName('cat', ['bat', 'rat'])).toBe('bat');
});

test('of a short word at most two letters differ, of a long one a third', () => {
  expect(nearestName('ab', ['abcd'])).toBe('abcd');
  expect(nearestName('ab', ['abcde'])).toBeUndefined();
  expect(nearestName('abcdefghi', ['abcdefxyz'])).toBe('abcdefxyz');
  expect(nearestName('abcdefghi', ['abcdewxyz'])).toBeUndefined();
});
