import { expect, test } from 'vitest';
import { formatPlace, InputError, WindtunnelError } from './errors.ts';

test('a place says as much as is known', () => {
  expect(formatPlace({})).toBe('');
  expect(formatPlace({ file: 'a.jsonl' })).toBe('a.jsonl');
  expect(formatPlace({ file: 'a.jsonl', line: 3 })).toBe('a.jsonl:3');
  expect(formatPlace({ line: 3 })).toBe('line 3');
  expect(formatPlace({ path: 'router.mode' })).toBe('router.mode');
  expect(formatPlace({ file: 'a.yaml', line: 3, path: 'router.mode' })).toBe(
    'a.yaml:3: router.mode',
  );
});

test('bad input is told with place, value, what is allowed, the nearest name and the remedy', () => {
  const error = new InputError('config_invalid', 'unknown mode', {
    file: 'a.yaml',
    path: 'router.mode',
    received: 'kv',
    allowed: 'kv_router, random',
    nearest: 'kv_router',
    remedy: 'see `windtunnel config init`',
  });
  expect(error.message).toBe(
    'a.yaml: router.mode: unknown mode; received "kv"; allowed: kv_router, random; ' +
      'did you mean "kv_router"?; see `windtunnel config init`',
  );
  expect([error.code, error.exitCode, error.name]).toEqual(['config_invalid', 2, 'InputError']);
  expect(error).toBeInstanceOf(WindtunnelError);
  expect(error.data).toMatchObject({ path: 'router.mode', received: 'kv' });
});

test('what was received is shown even when it is nothing, and cut when it is long', () => {
  const message = (received: unknown): string =>
    new InputError('trace_invalid', 'bad', { received }).message;
  expect(message(undefined)).toBe('bad; received undefined');
  expect(message(Number.NaN)).toBe('bad; received NaN');
  expect(message('x'.repeat(200))).toHaveLength('bad; received '.length + 78);
  expect(new InputError('trace_invalid', 'bad').message).toBe('bad');
});

test('other typed errors end with 1 and carry data that JSON can hold', () => {
  const error = new WindtunnelError('block_state', 'block 3 is not registered', { block: 3 });
  expect([error.exitCode, error.code]).toEqual([1, 'block_state']);
  expect(JSON.parse(JSON.stringify(error.data))).toEqual({ block: 3 });
});
