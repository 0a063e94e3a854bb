import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { DEFAULT_SETTINGS } from '#live/engines/engine-settings.ts';
import { Secret } from '#live/engines/secret.ts';
import {
  endpoint,
  get,
  post,
  startTestFront,
  type TestFront,
  type TestFrontOptions,
} from '#test/support/front.ts';
import { engineThat, frontOf } from '#test/support/front-scenery.ts';
import { plain, type ScriptedEngine } from '#test/support/scripted-engine.ts';
import { exposureOf, listen } from './server.ts';

async function setUp(
  options: Omit<TestFrontOptions, 'engines'>,
): Promise<TestFront & { readonly engine: ScriptedEngine }> {
  const engine = await engineThat(({ socket }) => void socket.write(plain('{}')));
  const started = await frontOf({ engines: [endpoint('a', engine.url)], ...options });
  return { ...started, engine };
}

const sha256 = (key: string): string => createHash('sha256').update(key).digest('hex');
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const prompt = { model: 'tiny', prompt: [1] };

test('clients bring one of their keys, the control pages want others, and no engine sees either', async () => {
  const auth = {
    client_keys: [
      { name: 'ann', sha256: sha256('k1') },
      { name: 'bob', sha256: sha256('k2') },
    ],
    control_keys: [{ name: 'ops', sha256: sha256('c') }],
  };
  const { front, engine, record } = await setUp({ config: { auth } });
  expect((await post(front, '/v1/completions', prompt)).status).toBe(401);
  const wrong = await post(front, '/v1/completions', prompt, bearer('k3'));
  expect([wrong.status, wrong.headers['www-authenticate']]).toEqual([401, 'Bearer']);
  expect(wrong.text).not.toContain('k3');
  expect((await post(front, '/v1/completions', prompt, bearer('k2'))).status).toBe(200);
  expect(await record(2)).toMatchObject({ client: 'bob' });
  expect(engine.requests).toHaveLength(1);
  expect(engine.requests[0]!.head).not.toMatch(/authorization/i);
  expect((await get(front, '/v1/models')).status).toBe(401);
  expect((await get(front, '/status', bearer('k1'))).status).toBe(401);
  expect((await get(front, '/status', bearer('c'))).status).toBe(200);
  expect((await get(front, '/health')).status).toBe(200);
});

test('without keys of its own the router passes the client on, and an engine that has one gets that', async () => {
  const open = await setUp({});
  await post(open.front, '/v1/completions', prompt, bearer('theirs'));
  expect(open.engine.requests[0]!.head).toContain('authorization: Bearer theirs');
  const apiKey = new Secret('upstream-key');
  const settings = new Map([['a', { ...DEFAULT_SETTINGS, apiKey }]]);
  const keyed = await setUp({ settings });
  const reply = await post(keyed.front, '/v1/completions', prompt, bearer('theirs'));
  expect(keyed.engine.requests[0]!.head).toContain('authorization: Bearer upstream-key');
  const shown = `${inspect(settings)} ${JSON.stringify([...settings])} ${apiKey} ${JSON.stringify(reply)}`;
  expect(shown).not.toContain('upstream-key');
});

test('a frontend of Dynamo is told which worker was chosen, whoever else the client named', async () => {
  const settings = new Map([['a', { ...DEFAULT_SETTINGS, dynamoWorker: '18446744073709551615' }]]);
  const { front, engine } = await setUp({ settings });
  const headers = { 'x-dynamo-worker-instance-id': 'a' };
  await post(front, '/v1/completions', '{"model":"tiny","prompt":[1]}', headers);
  expect(engine.requests[0]!.head.match(/x-dynamo-[^\r\n]*/gi)).toEqual([
    'x-dynamo-worker-instance-id: 18446744073709551615',
  ]);
});

test('hints end here: no engine sees them, but in its own words', async () => {
  const settings = new Map([['a', { ...DEFAULT_SETTINGS, priorityScheduling: true }]]);
  const { front, engine, dispatcher } = await setUp({ settings });
  const body =
    '{"model":"tiny","nvext":{"agent_hints":{"priority":3,"osl":40,"speculative_prefill":true},"cache_salt":"t","annotations":["x"],"backend_instance_id":10592862815411525062},"prompt":[1]}';
  const headers = {
    'x-dynamo-session-id': 's',
    'x-tenant-id': 't',
    'x-dynamo-request-strict-priority': '2',
  };
  const reply = await post(front, '/v1/completions', body, headers);
  expect(engine.requests[0]!.body.toString()).toBe(
    '{"model":"tiny","prompt":[1],"cache_salt":"t","priority":-3}',
  );
  expect(engine.requests[0]!.head).not.toMatch(/x-dynamo/i);
  expect(reply.headers['x-windtunnel-ignored']).toBe(
    'nvext.annotations, nvext.agent_hints.speculative_prefill',
  );
  expect(dispatcher.asks[0]).toMatchObject({
    priority: 3,
    strictPriority: 2,
    outputTokens: 40,
    session: 's',
    tenant: 't',
    pin: { worker: '10592862815411525062' },
  });
});

test('a field that vLLM has itself passes as it is', async () => {
  const settings = new Map([['a', { ...DEFAULT_SETTINGS, priorityScheduling: true }]]);
  const { front, engine, dispatcher } = await setUp({ settings });
  const body = '{"model":"tiny","prompt":[1],"priority":3,"cache_salt":"t"}';
  await post(front, '/v1/completions', body, { 'x-dynamo-request-priority': '9' });
  expect(engine.requests[0]!.body.toString()).toBe(body);
  expect(dispatcher.asks[0]!.priority).toBe(9);
});

test('with a certificate clients come by HTTPS', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'windtunnel-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const paths = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '1',
      ...subject,
      ...paths,
    ],
    { stdio: 'ignore' },
  );
  const tls = { cert_file: 'cert.pem', key_file: 'key.pem' };
  const { front } = await setUp({ config: { tls }, folder });
  expect(front.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  const ca = readFileSync(join(folder, 'cert.pem'));
  const status = await new Promise((resolve, reject) => {
    httpsRequest(`${front.url}/live`, { ca }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
  expect(status).toBe(200);
  await expect(
    startTestFront({ engines: [], config: { tls }, folder: '/nowhere' }),
  ).rejects.toThrow('tls.cert_file: cannot be read (ENOENT)');
});

test('no cross-origin page may ask', async () => {
  const { front } = await setUp({});
  const reply = await post(front, '/v1/completions', prompt, { origin: 'http://elsewhere' });
  expect(Object.keys(reply.headers).filter((name) => name.startsWith('access-control'))).toEqual(
    [],
  );
});

test('listening beyond this machine without keys is told', () => {
  const keys = [{ name: 'me', sha256: 'a'.repeat(64) }];
  const none = { client_keys: [], control_keys: [] };
  const clients = { client_keys: keys, control_keys: [] };
  expect(exposureOf('0.0.0.0', none)).toContain('there are no auth.client_keys');
  expect(exposureOf('0.0.0.0', clients)).toBe(
    'everyone who reaches 0.0.0.0 may read /status and /metrics: there are no auth.control_keys',
  );
  expect([
    exposureOf('0.0.0.0', { client_keys: keys, control_keys: keys }),
    exposureOf('127.0.0.1', none),
    exposureOf('::1', clients),
  ]).toEqual([undefined, undefined, undefined]);
});

test('what goes wrong with a server that listens is reported, each time', async () => {
  const server = createServer();
  onTestFinished(() => void server.close());
  const faults: unknown[] = [];
  await listen(server, { host: '127.0.0.1', port: 0 }, (fault) => faults.push(fault));
  for (const code of ['EMFILE', 'ENFILE']) server.emit('error', new Error(code));
  expect(faults.map(String)).toEqual(['Error: EMFILE', 'Error: ENFILE']);
});
