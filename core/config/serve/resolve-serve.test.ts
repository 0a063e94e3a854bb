import { expect, test } from 'vitest';
import { poolsOf } from '../pools.ts';
import { parseConfigText } from '../source.ts';
import { resolveServe, withCapacities } from './resolve-serve.ts';

const A = '{name: a, url: "http://127.0.0.1:8101"}';

function resolve(text: string) {
  const { value, place } = parseConfigText(text, 'serve.yaml');
  return resolveServe(value, place);
}

function refusalOf(text: string): string {
  try {
    resolve(text);
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
}

test('a short config gets what the simulator gets by default', () => {
  const config = resolve(`engines: [${A}]\n`);
  expect(config.http).toMatchObject({ host: '127.0.0.1', port: 8000 });
  expect(config.router).toEqual(config.run.router);
  // Nobody publishes KV events, so that the router goes by what it has sent.
  expect(config.router).toMatchObject({ mode: 'kv_router', use_kv_events: false });
  const events = '{name: a, url: "http://h:1", kv_events: "tcp://h:2"}';
  expect(resolve(`engines: [${events}]`).router.use_kv_events).toBe(true);
  expect(config.engines[0]).toMatchObject({ backend: 'vllm', role: 'aggregated' });
  expect(config.run.cluster.workers).toBe(1);
  expect(config).not.toHaveProperty('journal');
});

test.each([
  [
    'engines: [{name: a, url: "http://u:topsecret@h:1"}]',
    'engines[0].url: bad value; received "http://[hidden]@h:1"; allowed: http://HOST:PORT or https://HOST:PORT, without a name or password in it',
  ],
  [
    'engines: [{name: a, url: "http://h:1", kv_events: "http://u:topsecret@h:2/e"}]',
    'engines[0].kv_events: bad value; received "http://[hidden]@h:2/e"',
  ],
  [
    'engines: [{name: a, url: "http://h:1", api_key: topsecret}]',
    'engines[0].api_key: unknown key; received "[hidden]"; allowed: api_key_env, api_key_file,',
  ],
  [
    `engines: [${A}]\nauth: {client_keys: [{name: me, sha256: topsecret}]}`,
    'auth.client_keys[0].sha256: bad value; received "[hidden]"',
  ],
  [
    `engines: [${A}]\nevent_plane: {publish: {nats: {url: "nats://u:topsecret@h"}}}`,
    'event_plane.publish: impossible: no engine tells this router what it holds; received {"nats":{"url":"nats://[hidden]@h"',
  ],
])('of %s no secret is shown', (text, message) => {
  expect(refusalOf(text)).toContain(message);
  expect(refusalOf(text)).not.toContain('topsecret');
});

test('the run that it stands for has the pools of its roles, and what engines say of themselves', () => {
  const config = resolve(
    `engines:
  - {name: p, url: "http://h:1", role: prefill, block_size: 16}
  - {name: d, url: "http://h:2", role: decode, data_parallel_size: 2}
  - {name: e, url: "http://h:3", role: decode, data_parallel_size: 2}
router: {conditional_disagg_enabled: true}
`,
  );
  const told = { blockSize: 16, numGpuBlocks: 100 };
  const run = withCapacities(config, {
    prefill: { ...told, blockSize: 32 },
    decode: { numGpuBlocks: 100 },
  });
  const pools = poolsOf(run);
  expect(pools.map(({ role, config: { cluster } }) => [role, cluster.workers])).toEqual([
    ['prefill', 1],
    ['decode', 2],
  ]);
  // What the config says counts for more than what the engine says.
  expect(pools.map(({ config: { engine } }) => engine.block_size)).toEqual([16, 16]);
  expect(pools[1]!.config.engine).toMatchObject({ num_gpu_blocks: 100, data_parallel_size: 2 });
  expect(run.router.conditional_disagg_enabled).toBe(true);
});

test.each([
  ['engines: []', 'serve.yaml:1: engines: impossible: there is no engine to send requests to'],
  [
    '{}',
    'serve.yaml: engines: impossible: there is no engine to send requests to; name one: {name',
  ],
  [`engines: [${A}]\nrouter: {mod: random}`, 'serve.yaml:2: router.mod: unknown key'],
  [`engines: [${A}]\nhttp: {prot: 1}`, 'did you mean "port"?'],
  [`engines: [{name: a}]`, 'serve.yaml:1: engines[0].url: missing'],
  [`engines: [{name: a, url: "127.0.0.1:8101"}]`, 'engines[0].url: bad value'],
  [`engines: [${A}, ${A}]`, 'engines[1].name: impossible: another engine is called so too'],
  [
    `engines: [${A}]\nrouter: {kv_event_lag_ms: 3}`,
    'serve.yaml:2: router.kv_event_lag_ms: impossible: the KV events of real engines come as they come; received 3; leave it out',
  ],
  [
    `engines: [${A}]\nrouter: {mode: random, router_temperature: 1}`,
    'serve.yaml:2: router.router_temperature: has no effect: only the KV router reads it',
  ],
  [
    `engines: [{name: a, url: "http://h:1", role: prefill}]`,
    'some engines have role prefill and none has role decode',
  ],
  [
    `engines: [{name: a, url: "http://h:1", block_size: 16}, {name: b, url: "http://h:2", block_size: 32}]`,
    'engines[1].block_size: impossible: prompts are cut into blocks once, for all engines; received 32; make it 16',
  ],
  [`version: 2\nengines: [${A}]`, 'the file has version 2, this program reads version 1'],
  [`engines: [${A}]\nrouter: {policy: 3}`, 'serve.yaml:2: router.policy: bad value'],
  [
    `engines: [${A}]\nrouter: {conditional_disagg_enabled: true}`,
    'router.conditional_disagg_enabled: has no effect: every worker prefills the prompts of its requests itself',
  ],
  [
    `engines: [{name: a, url: "http://h:1", kv_events: "tcp://h:2"}]\nrouter: {use_kv_events: false}`,
    'engines[0].kv_events: impossible: the router is told to believe what it has sent',
  ],
  [
    `engines: [${A}]\njournal: {path: run.journal.jsonl.gz}`,
    'serve.yaml:2: journal.path: impossible: a live journal is plain text',
  ],
  [
    `engines: [{name: a, url: "http://h:1", kv_replay: "tcp://h:2"}]`,
    'engines[0].kv_replay: impossible: events can only be missed where some are received',
  ],
  [
    `engines: [{name: a, url: "http://h:1", api_key_env: K, api_key_file: k}]`,
    'engines[0].api_key_file: impossible: the key is already taken from the environment',
  ],
  [
    `engines: [{name: a, url: "http://h:1", bootstrap_port: 9}]`,
    'engines[0].bootstrap_port: impossible: only prefill engines of SGLang are asked for a KV cache there',
  ],
  [
    `engines: [{name: a, url: "http://h:1", backend: trtllm, priority_scheduling: true}]`,
    'engines[0].priority_scheduling: impossible: the API of trtllm has no priorities',
  ],
  [
    `engines: [${A}]\nauth: {client_keys: [{name: x, sha256: secret}]}`,
    'auth.client_keys[0].sha256: bad value',
  ],
  [
    `engines: [${A}]\nrouter: {mode: random}\nreplicas: {transport: nats, servers: ["nats://h:1"]}`,
    'serve.yaml:3: replicas: impossible: mode random looks at no load, neither its own nor that of others',
  ],
  [
    `engines: [${A}]\nreplicas: {transport: zmq, bind: "tcp://127.0.0.1:1"}`,
    'serve.yaml:2: replicas.peers: impossible: transport zmq needs it; set it, or transport to nats',
  ],
  [
    `engines: [${A}]\nreplicas: {transport: nats, servers: ["nats://h:1"], peers: ["tcp://h:1"]}`,
    'replicas.peers: impossible: transport nats does not read it; received ["tcp://h:1"]; leave it out',
  ],
  [
    `engines: [${A}]\nreplicas: {transport: zmq, bind: "tcp://h:1", peers: ["tcp://h:2"], endpoint: a.b.c}`,
    'replicas.endpoint: impossible: transport zmq does not read it; received "a.b.c"',
  ],
  [
    `engines: [${A}]\nreplicas: {transport: zmq, bind: "tcp://h:1", peers: ["tcp://h:2", "tcp://h:2"]}`,
    'replicas.peers[1]: impossible: another peer waits there too',
  ],
  [
    `engines: [${A}]\nreplicas: {transport: zmq, bind: "tcp://h:1", peers: ["tcp://h:1"]}`,
    'replicas.peers[0]: impossible: this router waits there itself; received "tcp://h:1"; name only the others',
  ],
  [
    `engines: [${A}]\nreplicas: {transport: zmq, bind: "127.0.0.1:1", peers: ["tcp://h:1"]}`,
    'replicas.bind: bad value',
  ],
  [
    `engines: [${A}]\nrouter: {router_replica_sync: true}`,
    'router.router_replica_sync: means nothing here',
  ],
])('refuses %s', (text, problem) => {
  expect(refusalOf(text)).toContain(problem);
});

test('a list that is none is told in one line what its rows are', () => {
  expect(() => resolveServe({ engines: 3 })).toThrow(
    /engines: bad value; received 3; allowed: a list of rows, each a mapping of name, url and \d+ other keys$/m,
  );
});
