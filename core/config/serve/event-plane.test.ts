import { expect, test } from 'vitest';
import { parseConfigText } from '../source.ts';
import { resolveServe } from './resolve-serve.ts';

function resolve(text: string) {
  const { value, place } = parseConfigText(text, 'serve.yaml');
  return resolveServe(value, place);
}

const SILENT = 'engines: [{name: a, url: "http://h:1", worker_id: "18446744073709551615"}]\n';
const TELLING = 'engines: [{name: a, url: "http://h:1", kv_events: "tcp://h:2"}]\n';
const ZMQ = 'event_plane: {subscribe: {zmq: ["tcp://h:3"]}}\n';

test('engines whose events come over the plane make a router that follows KV events', () => {
  const { router, event_plane, tokenizer } = resolve(SILENT + ZMQ);
  expect(router.use_kv_events).toBe(true);
  expect(event_plane).toEqual({ subscribe: { zmq: ['tcp://h:3'] } });
  expect(tokenizer.source).toBe('auto');
  const nats = resolve(`${TELLING}event_plane: {publish: {nats: {url: "nats://h:4222"}}}`);
  expect(nats.event_plane?.publish?.nats).toEqual({
    ...{ url: 'nats://h:4222', namespace: 'dynamo', component: 'backend', endpoint: 'generate' },
  });
});

test.each([
  [`${SILENT}event_plane: {}`, 'event_plane: impossible: nothing is read and nothing is written'],
  [
    `${SILENT}event_plane: {subscribe: {}}`,
    'event_plane.subscribe: impossible: nobody is listened',
  ],
  [
    `${SILENT}event_plane: {subscribe: {zmq: ["tcp://h:3"], nats: {url: "nats://h:1"}}}`,
    'event_plane.subscribe.nats: impossible: the events come through zmq already; received {"url":"nats://h:1"}; leave one of zmq and nats out',
  ],
  [
    TELLING + ZMQ,
    'serve.yaml:2: event_plane.subscribe: impossible: every engine tells its KV events itself',
  ],
  [
    `${SILENT}event_plane: {publish: {zmq: "tcp://h:3"}}`,
    'event_plane.publish: impossible: no engine tells this router what it holds',
  ],
  [`${TELLING}event_plane: {publish: {}}`, 'event_plane.publish: impossible: nobody is told'],
  [
    `${SILENT}${ZMQ}router: {use_kv_events: false}`,
    'event_plane.subscribe: impossible: the router is told to believe what it has sent',
  ],
  [
    'engines: [{name: a, url: "http://h:1", worker_id: 7}]',
    'engines[0].worker_id: bad value; received 7; allowed: the digits of a number below 2^64',
  ],
  [
    SILENT,
    'engines[0].worker_id: impossible: nobody reads it without an event plane and without replicas',
  ],
])('%s is refused', (text, problem) => {
  expect(() => resolve(text)).toThrow(problem);
});
