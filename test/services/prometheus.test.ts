import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePorts } from '#test/support/free-ports.ts';
import { type RunningMocks, startMockEngines } from '#test/support/mock-engines.ts';
import { ServeProcess } from '#test/support/serve-process.ts';
import { answers, PeerProcess } from '../peers/peer-process.ts';

const PATIENCE_MS = 60_000;
const REQUESTS = 6;

const folder = mkdtempSync(join(tmpdir(), 'windtunnel-prometheus-'));
let mocks: RunningMocks;
let router: ServeProcess;
let prometheus: PeerProcess;
let api = '';

/** A series that a query gives: its labels and its value. */
interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

async function query(text: string): Promise<readonly Series[]> {
  const answer = await fetch(`${api}/api/v1/query?query=${encodeURIComponent(text)}`);
  const { data } = (await answer.json()) as { data: { result: readonly Series[] } };
  return data.result;
}

/** The values of a query once they are what is expected, by one label. */
async function expectValues(text: string, label: string, expected: object): Promise<void> {
  const values = async () => {
    const series = await query(text);
    return Object.fromEntries(series.map((one) => [one.metric[label] ?? '', Number(one.value[1])]));
  };
  await expect.poll(values, { timeout: PATIENCE_MS, interval: 100 }).toEqual(expected);
}

beforeAll(async () => {
  mocks = await startMockEngines({ count: 2, speed: 10 });
  const engines = mocks.engines.map(({ name, url, kvEvents, kvReplay }) => ({
    ...{ name, url, kv_events: kvEvents, kv_replay: kvReplay },
  }));
  router = await ServeProcess.start({ engines });
  const [port] = await freePorts(1);
  api = `http://127.0.0.1:${port}`;
  const targets = [new URL(router.url).host];
  const config = {
    global: { scrape_interval: '200ms' },
    scrape_configs: [{ job_name: 'router', static_configs: [{ targets }] }],
  };
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const data = ['--config.file', join(folder, 'prometheus.yml'), '--storage.tsdb.path', folder];
  const place = ['--web.listen-address', `127.0.0.1:${port}`];
  const isReady = () => answers(`${api}/-/ready`);
  const options = { isReady, patienceMs: PATIENCE_MS };
  prometheus = await PeerProcess.start('prometheus', [...data, ...place], options);
});

afterAll(async () => {
  await prometheus?.stop();
  await router?.stop();
  await mocks?.close();
  rmSync(folder, { recursive: true });
});

test('a real Prometheus scrapes the router and answers queries about it', async () => {
  await expectValues('up{job="router"}', 'job', { router: 1 });
  for (let request = 0; request < REQUESTS; request++) {
    const answer = await fetch(`${router.url}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        ...{ model: 'tiny', max_tokens: 4 },
        prompt: Array.from({ length: 40 }, (_, at) => 300 + at + 50 * (request % 2)),
      }),
    });
    expect(answer.status).toBe(200);
    await answer.text();
  }
  await expectValues('sum by (status) (dynamo_frontend_requests_total)', 'status', {
    success: REQUESTS,
  });
  await expectValues('sum by (model) (dynamo_frontend_output_tokens_total)', 'model', {
    tiny: 4 * REQUESTS,
  });
  const count = 'dynamo_frontend_time_to_first_token_seconds_count';
  await expectValues(count, 'model', { tiny: REQUESTS });
  const isRegistered = 'dynamo_component_router_worker_registered';
  await expectValues(isRegistered, 'engine', { 'engine-0': 1, 'engine-1': 1 });
  await expectValues('windtunnel_kv_events_exact', 'engine', { 'engine-0': 1, 'engine-1': 1 });
  // Two prompts of two full blocks; a mock engine tells of what it holds when a request ends.
  await expectValues('sum(windtunnel_engine_cached_blocks)', '', { '': 4 });
  const median = `histogram_quantile(0.5, sum by (le) (${count.replace('count', 'bucket')}))`;
  const [quantile] = await query(median);
  expect(Number(quantile?.value[1])).toBeGreaterThan(0);
});
