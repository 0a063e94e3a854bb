import { expect, test } from 'vitest';
import { parseConfigText } from '../source.ts';
import { resolveEnginesFile } from './engines-file.ts';
import { resolveServe } from './resolve-serve.ts';

function resolve(text: string) {
  const { value, place } = parseConfigText(text, 'serve.yaml');
  return resolveServe(value, place);
}

const FILE = 'discovery: {file: {path: engines.yaml}}';

test('engines that are found later make a config without any a whole one, with KV events', () => {
  const { engines, router, discovery, run } = resolve(FILE);
  expect(engines).toEqual([]);
  expect(discovery?.file).toEqual({ path: 'engines.yaml', interval_secs: 1 });
  expect(router.use_kv_events).toBe(true);
  expect(run.cluster.workers).toBe(1);
  expect(resolve(`${FILE}\nrouter: {use_kv_events: false}`).router.use_kv_events).toBe(false);
  // The other role may be found.
  const half = resolve(`engines: [{name: p, url: "http://h:1", role: prefill}]\n${FILE}`);
  expect(half.engines).toHaveLength(1);
});

test.each([
  ['discovery: {}', 'serve.yaml:1: discovery: impossible: no place is named where engines are'],
  [
    'discovery: {dns: [{name: e.test}]}',
    'discovery.dns[0].port: impossible: addresses have no ports; set it, or record to srv',
  ],
  [
    'discovery: {dns: [{name: e.test, record: srv, port: 80}]}',
    'discovery.dns[0].port: impossible: SRV records have ports of their own; received 80',
  ],
  [
    'discovery: {dns: [{name: e.test, port: 80, engine: {kv_replay_port: 5}}]}',
    'discovery.dns[0].engine.kv_replay_port: impossible: events can only be missed where some are received; received 5; leave it out, or set kv_events_port',
  ],
  [
    'discovery: {dns: [{name: e.test, port: 80, engine: {kv_events_port: 5}}]}\nrouter: {use_kv_events: false}',
    'discovery.dns[0].engine.kv_events_port: impossible: the router is told to believe',
  ],
  ['discovery: {dns: [{name: e.test, port: 80, engine: {url: x}}]}', 'engine.url: unknown key'],
  [
    'discovery: {dynamo: {}}',
    'discovery.dynamo: impossible: no store is named; received {}; set file',
  ],
  [
    'discovery: {dynamo: {file: /kv, etcd: ["http://h:2379"]}}',
    'discovery.dynamo.etcd: impossible: the workers are in the file store already',
  ],
  [
    'discovery: {dynamo: {etcd: ["http://h:2379"], interval_secs: 5}}',
    'discovery.dynamo.interval_secs: impossible: etcd tells of changes by itself; received 5',
  ],
  ['discovery: {file: {}}', 'serve.yaml:1: discovery.file.path: missing'],
  ['discovery: {fil: {path: a}}', 'discovery.fil: unknown key'],
  ['discovery: {file: {path: a, interval_secs: 0}}', 'discovery.file.interval_secs: bad value'],
])('%s is refused', (text, problem) => {
  expect(() => resolve(text)).toThrow(problem);
});

test('a name without KV events makes a router that believes what it has sent', () => {
  const silent = resolve('discovery: {dns: [{name: e.test, port: 80}]}');
  expect(silent.router.use_kv_events).toBe(false);
  expect(silent.discovery?.dns?.[0]).toMatchObject({ record: 'a', interval_secs: 10 });
  const dns = '{name: e.test, port: 80, engine: {kv_events_port: 5557}}';
  expect(resolve(`discovery: {dns: [${dns}]}`).router.use_kv_events).toBe(true);
});

test("Dynamo's workers are found in its own store, and their KV events are followed", () => {
  const { discovery, router } = resolve('discovery: {dynamo: {file: /kv, frontend: "http://h:1"}}');
  expect(router.use_kv_events).toBe(true);
  expect(discovery?.dynamo).toEqual({
    ...{ file: '/kv', interval_secs: 1, frontend: 'http://h:1', endpoint: 'generate' },
  });
});

function listed(text: string) {
  const { value, place } = parseConfigText(text, 'engines.yaml');
  return resolveEnginesFile(value, place);
}

test('a file lists engines as serve.yaml does, in YAML or JSON', () => {
  const [engine] = listed('engines:\n  - {name: a, url: "http://h:1", block_size: 16}\n');
  expect(engine).toMatchObject({ name: 'a', backend: 'vllm', role: 'aggregated', block_size: 16 });
  expect(listed('{"engines": [{"name": "a", "url": "http://h:1"}]}')).toHaveLength(1);
  expect(listed('engines: []')).toEqual([]);
  expect(listed('version: 1\nengines: [{name: a, url: "http://h:1"}]')).toHaveLength(1);
});

test.each([
  ['', 'engines.yaml: engines: missing'],
  [
    'engines: [{name: a, ulr: "http://h:1"}]',
    'engines.yaml:1: engines[0].ulr: unknown key; received "http://h:1"',
  ],
  ['version: 2\nengines: []', 'engines.yaml:1: version: the file has version 2, this program'],
  ['version: one\nengines: []', 'engines.yaml:1: version: bad value'],
  ['engins: []', 'did you mean "engines"'],
  ['engines: [', 'engines.yaml:1'],
  [
    'engines:\n  - {name: a, url: "http://h:1"}\n  - {name: a, url: "http://h:2"}',
    'engines.yaml:3: engines[1].name: impossible: another engine is called so too; received "a"',
  ],
  [
    'engines:\n  - {name: a, url: "http://h:1", kv_events: "tcp://*:1"}\n  - {name: b, url: "http://h:2", kv_events: "tcp://*:1", kv_topic: kv@b}',
    'engines.yaml:3: engines[1].kv_topic: impossible: another engine publishes at the same kv_events, and their topics do not differ; received "kv@b"; give each a kv_topic',
  ],
  [
    'engines: [{name: a, url: "http://h:1", kv_replay: "tcp://h:2"}]',
    'engines[0].kv_replay: impossible: events can only be missed where some are received',
  ],
])('the file %j is refused', (text, problem) => {
  expect(() => listed(text)).toThrow(problem);
});
