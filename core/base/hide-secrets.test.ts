import { expect, test } from 'vitest';
import { InputError } from './errors.ts';
import { hideCredentials, hideSecrets } from './hide-secrets.ts';

test.each([
  ['nats://u:topsecret@h:4222', 'nats://[hidden]@h:4222'],
  ['nats://u:top@secret@h', 'nats://[hidden]@h'],
  ['nats://u:top/secret@h', 'nats://[hidden]@h'],
  ['nats://a:b@h:1,nats://c:d@h:2', 'nats://[hidden]@h:1,nats://[hidden]@h:2'],
  ['"tls://token@h" is away', '"tls://[hidden]@h" is away'],
  ['http://h:8000/v1 of me@example.org', 'http://h:8000/v1 of me@example.org'],
  ['ipc:///tmp/a', 'ipc:///tmp/a'],
])('%s is shown as %s', (text, shown) => {
  expect(hideCredentials(text)).toBe(shown);
});

test.each(['api_key', 'token', 'password', 'client_secret', 'keys', 'credentials', 'apikey'])(
  'what stands below %s is hidden at any depth',
  (key) => {
    expect(hideSecrets('sk-123', `engines[0].${key}`)).toBe('[hidden]');
    expect(hideSecrets('sk-123', `auth.${key}[0].sha256`)).toBe('[hidden]');
    expect(hideSecrets({ a: [{ [key]: { b: 'sk-123', c: 7 } }] })).toEqual({
      a: [{ [key]: { b: '[hidden]', c: '[hidden]' } }],
    });
  },
);

test('what is no secret stays, and so does the input', () => {
  const value = { max_tokens: 3, api_key_env: 'VLLM_KEY', urls: ['http://h:1'], key: '', no: null };
  expect(hideSecrets(value, 'router.min_tokens')).toEqual(value);
  expect(hideSecrets('3', '--chars-per-token')).toBe('3');
  expect(hideSecrets(48, 'constants.new_shape_us_per_token')).toBe(48);
  const written = { key: 'sk-123' };
  hideSecrets(written);
  expect(written).toEqual({ key: 'sk-123' });
});

test('an error shows no secret, neither in its text nor in its data', () => {
  const { message, data } = new InputError(
    'config_invalid',
    'nats://u:topsecret@h does not answer',
    {
      path: 'event_plane.publish',
      received: { nats: { url: 'nats://u:topsecret@h' }, api_key: 'topsecret' },
    },
  );
  expect(message).toContain('nats://[hidden]@h does not answer');
  expect(message + JSON.stringify(data)).not.toContain('topsecret');
});
