import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { KvFeedStatus } from '#live/events/feed-status.ts';
import { newRecord, type RequestRecord } from '#live/http/request-record.ts';
import type { ServeStatus } from '#live/routing/serve-status.ts';
import { needReference } from '#test/shared.ts';
import { openTelemetry } from './open-telemetry.ts';

const STATUS: ServeStatus = {
  uptime_s: 1,
  mode: 'kv_router',
  block_size: 16,
  engines: [
    {
      name: 'a',
      backend: 'vllm',
      role: 'aggregated',
      url: 'http://h:1',
      worker: 0,
      ranks: [
        {
          rank: 0,
          available: true,
          active_requests: 2,
          prefill_tokens: 300,
          active_blocks: 20,
          cached_blocks: 7,
        },
      ],
    },
  ],
  books: { requests: 3, queued: 1, sessions: 0, forest_nodes: 9 },
  routed: 2,
  routed_after_waiting: 0,
  left_before_routed: 0,
  refused: { queue_rejected: 4 },
  hit_rate: 0.5,
};

const FEED = {
  name: 'a',
  rank: 0,
  target: 0,
  state: 'exact',
  session: { batches: 5, gaps: 1, restarts: 0, unreadable: 2 },
  batches: { undecodable: 1 },
} as unknown as KvFeedStatus;

const SECRET = 'sk-never-shown';

const ended: Server[] = [];
afterEach(() => {
  for (const server of ended.splice(0)) server.close();
});

async function open(
  config: { log?: 'none' | 'failures' | 'requests'; otlp_endpoint?: string } = {},
) {
  const lines: string[] = [];
  const telemetry = await openTelemetry({
    config: { log: 'none', service_name: 'tunnel', ...config },
    clock: { nowNs: () => 0 },
    status: () => STATUS,
    kvFeeds: () => [FEED],
    prompts: () => ({ token_ids: 0, local: 0, engine: 5, text: 2 }),
    tokenizer: () => ({ threads: 3, replaced: 1, late: 4 }),
    journal: () => [
      { pool: 'decode', file: 'j', written_bytes: 7, waiting_bytes: 3, fault: 'ENOSPC' },
    ],
    write: (line) => lines.push(line),
  });
  const text = async () => (await telemetry.front.metrics!()).text;
  return { ...telemetry, lines, text };
}

/** A streamed chat of 100 prompt tokens, 48 of them cached: the first token after 20 ms, the last after 50. */
function pass(front: Awaited<ReturnType<typeof open>>['front'], more: Partial<RequestRecord> = {}) {
  const record = newRecord('chat', 'r1', 0, undefined);
  front.requestBegan?.(record);
  Object.assign(record, {
    ...{ model: 'tiny', stream: true, status: 200, outcome: 'complete', engine: 'a', rank: 0 },
    ...{ inputTokens: 100, outputTokens: 4, cachedTokens: 48, overlapBlocks: 2 },
    ...{ readNs: 1e6, routedNs: 2e6, firstByteNs: 20e6, firstTokenNs: 20e6, endedNs: 50e6 },
    ...more,
  });
  front.tokensCame?.(record, 1, 20e6);
  front.tokensCame?.(record, 3, 50e6);
  front.requestEnded?.(record);
}

test('a request is counted under the names of the peer', async () => {
  const { front, text } = await open();
  pass(front);
  const metrics = await text();
  const kind = 'endpoint="chat_completions",model="tiny",request_type="stream"';
  for (const line of [
    `dynamo_frontend_requests_total{${kind},status="success",error_type=""} 1`,
    'dynamo_frontend_active_requests 0',
    'dynamo_frontend_time_to_first_token_seconds_sum{model="tiny"} 0.02',
    'dynamo_frontend_inter_token_latency_seconds_count{model="tiny"} 3',
    'dynamo_frontend_inter_token_latency_seconds_sum{model="tiny"} 0.03',
    'dynamo_frontend_output_tokens_total{model="tiny"} 4',
    'dynamo_frontend_cached_tokens_sum{model="tiny"} 48',
    'dynamo_component_router_kv_hit_rate_sum 0.32',
    'dynamo_component_router_kv_selected_cached_prefix_tokens_total 32',
    'dynamo_component_router_kv_worker_reused_tokens_total 48',
    'dynamo_router_overhead_total_ms_sum 1',
    'dynamo_frontend_router_queue_pending_requests 1',
    'dynamo_frontend_worker_active_prefill_tokens{worker_id="0",dp_rank="0",engine="a",worker_type="aggregated"} 300',
    'windtunnel_router_refused{outcome="queue_rejected"} 4',
    'windtunnel_tokenizer_replaced 1',
    'windtunnel_prompt_source_total{source="text"} 2',
    'windtunnel_kv_events_exact{engine="a",dp_rank="0"} 1',
    'windtunnel_kv_events_unreadable{engine="a",dp_rank="0"} 3',
  ]) {
    expect(metrics.split('\n')).toContain(line);
  }
});

test('a request that meets a limit is counted by the limit', async () => {
  const { front, text } = await open();
  pass(front, { status: 429, outcome: 'limited', limit: 'limits.total.concurrent' });
  expect(await text()).toContain(
    'windtunnel_front_limited_total{limit="limits.total.concurrent"} 1',
  );
});

test('how the journal fares is there, and what the process needs', async () => {
  const { text, close } = await open();
  await new Promise((done) => setTimeout(done, 100));
  const metrics = await text();
  for (const line of [
    'windtunnel_journal_written_bytes{pool="decode"} 7',
    'windtunnel_journal_waiting_bytes{pool="decode"} 3',
    'windtunnel_journal_failed{pool="decode"} 1',
    '# TYPE windtunnel_event_loop_delay_seconds histogram',
  ]) {
    expect(metrics.split('\n')).toContain(line);
  }
  const numberOf = (name: string) => Number(new RegExp(`^${name} (.*)$`, 'm').exec(metrics)?.[1]);
  expect(numberOf('process_cpu_seconds_total')).toBeGreaterThan(0);
  expect(numberOf('process_resident_memory_bytes')).toBeGreaterThan(1e7);
  expect(numberOf('windtunnel_event_loop_delay_seconds_count')).toBeGreaterThan(0);
  await close();
});

test('more tokens in one piece than an engine can send are counted, and their gaps are not', async () => {
  const { front, text } = await open();
  const record = newRecord('chat', 'r1', 0, undefined);
  Object.assign(record, { model: 'tiny' });
  front.tokensCame?.(record, 1, 20e6);
  front.tokensCame?.(record, 1e12, 50e6);
  const metrics = (await text()).split('\n');
  expect(metrics).toContain('dynamo_frontend_output_tokens_total{model="tiny"} 1000000000001');
  expect(metrics).toContain('dynamo_frontend_inter_token_latency_seconds_count{model="tiny"} 1024');
});

test('failures have kinds, and names that nobody serves make no series', async () => {
  const { front, text } = await open();
  pass(front, { status: 404, outcome: 'bad_request', model: 'no-such-model' });
  pass(front, { status: 529, outcome: 'refused' });
  pass(front, { outcome: 'client_gone' });
  const metrics = await text();
  for (const kind of ['not_found', 'overload', 'cancelled']) {
    expect(metrics).toContain(`status="error",error_type="${kind}"} 1`);
  }
  expect(metrics).toContain('dynamo_frontend_model_cancellation_total{');
  expect(metrics).toContain('endpoint="chat_completions",model="unknown_model"');
});

test('every name of the peer is one that it has, of the same kind and with the same bounds', async (context) => {
  const path = needReference(context, 'peers', 'metrics', 'dynamo-1.6.1.txt');
  const theirs = readFileSync(path, 'utf8');
  const { front, text } = await open();
  pass(front);
  const ours = await text();
  const types = [...ours.matchAll(/^# TYPE (dynamo_\w+) (\w+)$/gm)];
  expect(types.length).toBeGreaterThan(15);
  // The recording had no migration, which its catalogue names.
  const unseen = new Set(['dynamo_frontend_model_migration_total']);
  for (const [line, name] of types) {
    if (!unseen.has(name!)) expect(theirs).toContain(line);
  }
  const bounds = (from: string, name: string) => [
    ...new Set(
      [...from.matchAll(new RegExp(`^${name}_bucket\\{.*?le="([^"]+)"`, 'gm'))].map(([, le]) =>
        Number(le).toPrecision(4),
      ),
    ),
  ];
  for (const name of [
    'dynamo_frontend_time_to_first_token_seconds',
    'dynamo_frontend_inter_token_latency_seconds',
    'dynamo_frontend_request_duration_seconds',
    'dynamo_frontend_input_sequence_tokens',
    'dynamo_frontend_output_sequence_tokens',
    'dynamo_component_router_kv_hit_rate',
  ]) {
    expect(bounds(ours, name)).toEqual(bounds(theirs, name));
  }
});

test('the log has failures, or all requests, and nothing of what they say', async () => {
  const failures = await open({ log: 'failures' });
  const all = await open({ log: 'requests' });
  for (const { front } of [failures, all]) {
    pass(front);
    pass(front, { outcome: 'client_gone' });
    pass(front, { status: 502, outcome: 'engine_failed', fault: 'the engine hung up' });
    pass(front, { authorization: SECRET, prompt: SECRET } as Partial<RequestRecord>);
  }
  expect(failures.lines).toHaveLength(1);
  expect(all.lines).toHaveLength(4);
  expect(JSON.parse(failures.lines[0]!)).toMatchObject({
    ...{ request: 'r1', route: 'chat', model: 'tiny', status: 502, fault: 'the engine hung up' },
    ...{ routed_ms: 2, ttft_ms: 20, e2e_ms: 50, engine: 'a', input_tokens: 100 },
  });
  expect(all.lines.join()).not.toContain(SECRET);
  const none = await open();
  pass(none.front, { status: 502 });
  expect(none.lines).toEqual([]);
});

test("a request is a span below its client's, and its engine's parent; stages stand below it", async () => {
  const bodies: string[] = [];
  const collector = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      bodies.push(body);
      response.setHeader('content-type', 'application/json').end('{}');
    });
  }).listen(0, '127.0.0.1');
  ended.push(collector);
  await once(collector, 'listening');
  const { port } = collector.address() as AddressInfo;
  const { front, close } = await open({ otlp_endpoint: `http://127.0.0.1:${port}/v1/traces` });
  const trace = '0af7651916cd43dd8448eb211c80319c';
  const record = newRecord('chat', 'r1', 0, `00-${trace}-b7ad6b7169203331-01`);
  front.requestBegan?.(record);
  const passed = front.traceparent?.(record);
  Object.assign(record, {
    model: 'tiny',
    status: 503,
    outcome: 'refused',
    readNs: 1e6,
    endedNs: 5e6,
  });
  front.requestEnded?.(record);
  await close();
  const { resourceSpans } = JSON.parse(bodies.join('')) as {
    resourceSpans: [{ scopeSpans: [{ spans: Record<string, unknown>[] }] }];
  };
  const { spans } = resourceSpans[0].scopeSpans[0];
  const own = spans.find(({ name }) => name === 'POST /v1/chat/completions');
  expect(own).toMatchObject({
    traceId: trace,
    parentSpanId: 'b7ad6b7169203331',
    status: { code: 2 },
  });
  expect(passed).toBe(`00-${trace}-${String(own?.spanId)}-01`);
  expect(
    spans.filter(({ parentSpanId }) => parentSpanId === own?.spanId).map(({ name }) => name),
  ).toEqual(['read']);
  expect(front.traceparent?.(record)).toBeUndefined();
});
