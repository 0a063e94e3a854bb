import { afterAll, expect, test } from 'vitest';
import { DnsServer } from '#test/support/dns-server.ts';
import { startMockEngines } from '#test/support/mock-engines.ts';
import { ServeInProcess } from '#test/support/serve-in-process.ts';
import { until } from '#test/support/until.ts';

const NAME = '_http._tcp.engines.test';
const router = new ServeInProcess();

afterAll(() => router.close());

test('engines join and leave as the SRV records of a name do', async (context) => {
  const mocks = await startMockEngines({ count: 2, kvEvents: false });
  context.onTestFinished(() => mocks.close());
  const lines = mocks.engines.map(
    ({ url }, at) => `srv-host=${NAME},e${at}.test,${new URL(url).port}`,
  );
  const hosts = ['host-record=e0.test,127.0.0.1', 'host-record=e1.test,127.0.0.1'];
  const dns = await DnsServer.start([lines[0]!, ...hosts]);
  context.onTestFinished(() => dns.stop());
  const look = { name: NAME, record: 'srv', server: dns.address, interval_secs: 0.05 };
  await router.start({ discovery: { dns: [{ ...look, engine: { block_size: 16 } }] } });
  const names = async (): Promise<string> =>
    (await router.status()).engines.map(({ name }) => name.split('.')[0]).join();
  expect(await names()).toBe('e0');
  await dns.set([...lines, ...hosts]);
  await until('both serve', async () => (await names()) === 'e0,e1');
  await dns.set([lines[1]!, ...hosts]);
  await until('one has left', async () => (await names()) === 'e1');
  const answer = await router.complete([1, 2, 3]);
  expect(answer.headers.get('x-windtunnel-engine')).toMatch(/^e1\.test-\d+$/);
  await answer.text();
});
