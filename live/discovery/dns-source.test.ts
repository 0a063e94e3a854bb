import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { resolveServe } from '#core/config/serve/resolve-serve.ts';
import { DnsServer } from '#test/support/dns-server.ts';
import { until } from '#test/support/until.ts';
import type { Sighting } from './discovery-source.ts';
import { DnsSource } from './dns-source.ts';

const TWO = ['host-record=e.test,127.0.0.1,::1', 'host-record=e.test,127.0.0.2'];

let server: DnsServer;
let stop = new AbortController();

beforeAll(async () => {
  server = await DnsServer.start(TWO);
});

afterEach(() => stop.abort());

afterAll(() => server.stop());

/** What a name of the config stands for, as it changes. */
function follow(config: object): Sighting[] {
  const { discovery } = resolveServe({ discovery: { dns: [config] } });
  const seen: Sighting[] = [];
  stop = new AbortController();
  const { signal } = stop;
  void (async () => {
    const source = new DnsSource(discovery!.dns![0]!);
    for await (const sighting of source.sightings(signal)) seen.push(sighting);
  })();
  return seen;
}

/** Names and URLs of the last list; what is wrong where there is none. */
function last(seen: readonly Sighting[]): string {
  const sighting = seen.at(-1);
  if (sighting?.kind !== 'list') return sighting?.why ?? 'nothing';
  return sighting.engines.map(({ entry }) => `${entry.name} ${entry.url}`).join();
}

test('each address of a name is an engine of the kind that the config says', async () => {
  const engine = { role: 'aggregated', block_size: 16, kv_events_port: 5557 };
  const seen = follow({
    ...{ name: 'e.test', port: 8101, server: server.address, interval_secs: 0.02, engine },
  });
  const [one, two, six] = [
    '127.0.0.1-8101 http://127.0.0.1:8101',
    '127.0.0.2-8101 http://127.0.0.2:8101',
    '--1-8101 http://[::1]:8101',
  ];
  await until('all addresses are found', () => last(seen) === [six, one, two].join());
  const list = seen.at(-1) as Extract<Sighting, { kind: 'list' }>;
  expect(list.engines[0]!.entry).toMatchObject({ block_size: 16, kv_events: 'tcp://[::1]:5557' });
  await server.set(['host-record=e.test,127.0.0.2']);
  await until('two have gone', () => last(seen) === two);
  await server.set([]);
  await until('nobody knows the name', () => last(seen).startsWith('e.test is not found'));
  await server.set(TWO);
  await until('it is known again', () => last(seen) === [six, one, two].join());
});

test('SRV records have ports, and engines the names of their targets', async () => {
  await server.set([
    'srv-host=_http._tcp.e.test,one.test,8101',
    'srv-host=_http._tcp.e.test,two.test,8102',
    'host-record=one.test,127.0.0.1',
    'host-record=two.test,127.0.0.2',
  ]);
  const seen = follow({
    ...{ name: '_http._tcp.e.test', record: 'srv', server: server.address, interval_secs: 0.02 },
  });
  const both = 'one.test-8101 http://127.0.0.1:8101,two.test-8102 http://127.0.0.2:8102';
  await until('both targets are found', () => last(seen) === both);
});

test("without a server the machine's own names count", async () => {
  const seen = follow({ name: 'localhost', port: 8101, interval_secs: 0.02 });
  await until('it is found', () => last(seen).includes('127.0.0.1-8101 http://127.0.0.1:8101'));
});
