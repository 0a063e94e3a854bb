import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { NS_PER_S, type Ns } from '#core/base/time.ts';
import type { FrontTelemetry } from '#live/http/front-telemetry.ts';
import type { RequestRecord } from '#live/http/request-record.ts';
import { ROUTE_LABEL, statusLabels } from './request-labels.ts';

// The bounds of Dynamo 1.6.1's frontend, so that dashboards and queries fit both.
const TOKENS_IN = [0, 100, 210, 430, 870, 1800, 3600, 7400, 15_000, 31_000, 63_000, 130_000];
const TOKENS_OUT = [0, 100, 210, 430, 880, 1800, 3700, 7600, 16_000, 32_000];
const TTFT_S = [
  0, 0.0022, 0.0047, 0.01, 0.022, 0.047, 0.1, 0.22, 0.47, 1, 2.2, 4.7, 10, 22, 48, 100, 220, 480,
];
const ITL_S = [
  0, 0.0018, 0.0033, 0.0059, 0.011, 0.02, 0.035, 0.064, 0.12, 0.21, 0.38, 0.69, 1.2, 2.3, 4.1, 7.4,
  13, 24, 44, 80,
];
const DURATION_S = [0, 2, 4, 8, 16, 32, 64, 130, 260, 510];

/** Gaps of one piece that are counted: no engine sends as many tokens at once, but one that lies. */
const MOST_GAPS = 1_024;

/** What a client can ask for under any name must not become a series each. */
const UNKNOWN_MODEL = 'unknown_model';

/**
 * Counts what passes the front, under the names of Dynamo's frontend (observed on 1.6.1) and, where it
 * has none, under our own.
 */
export class FrontMetrics implements FrontTelemetry {
  readonly #requests;
  readonly #tokens;
  readonly #times;
  readonly #mishaps;
  /** When the last token of a request came. */
  readonly #lastToken = new Map<Readonly<RequestRecord>, Ns>();

  constructor(registry: Registry) {
    this.#requests = requestMetrics(registry);
    this.#tokens = tokenMetrics(registry);
    this.#times = timeMetrics(registry);
    this.#mishaps = mishapMetrics(registry);
  }

  requestBegan(): void {
    this.#requests.active.inc();
  }

  tokensCame(record: Readonly<RequestRecord>, tokens: number, nowNs: Ns): void {
    const { model } = record;
    this.#tokens.generated.inc({ model }, tokens);
    const last = this.#lastToken.get(record);
    this.#lastToken.set(record, nowNs);
    if (last === undefined) return;
    // Tokens that come in one piece share the time that it took.
    const gapS = (nowNs - last) / tokens / NS_PER_S;
    const gaps = Math.min(tokens, MOST_GAPS);
    for (let gap = 0; gap < gaps; gap++) this.#times.itl.observe({ model }, gapS);
  }

  requestEnded(record: Readonly<RequestRecord>): void {
    this.#lastToken.delete(record);
    this.#requests.active.dec();
    const model = record.status === 404 || record.model === '' ? UNKNOWN_MODEL : record.model;
    const kind = {
      endpoint: ROUTE_LABEL[record.route],
      model,
      request_type: record.stream ? 'stream' : 'unary',
    };
    this.#requests.ended.inc({ ...kind, ...statusLabels(record) });
    if (record.outcome === 'client_gone') this.#requests.cancelled.inc(kind);
    this.#times.duration.observe({ model }, (record.endedNs - record.receivedNs) / NS_PER_S);
    if (record.inputTokens >= 0) this.#tokens.prompt.observe({ model }, record.inputTokens);
    if (record.firstTokenNs >= 0) {
      this.#times.ttft.observe({ model }, (record.firstTokenNs - record.receivedNs) / NS_PER_S);
      this.#tokens.answer.observe({ model }, record.outputTokens);
    }
    if (record.cachedTokens >= 0) this.#tokens.cached.observe({ model }, record.cachedTokens);
    if (record.limit !== undefined) this.#mishaps.limited.inc({ limit: record.limit });
    if (record.migrations > 0) this.#mishaps.migrations.inc({ model }, record.migrations);
    if (record.retries > 0) this.#mishaps.retries.inc({ model }, record.retries);
    if (record.brokenEvents > 0) this.#mishaps.brokenEvents.inc({ model }, record.brokenEvents);
  }

  connectionRefused(status: number): void {
    this.#mishaps.refusedConnections.inc({ status: String(status) });
  }
}

const MODEL = ['model'];
const KIND = ['endpoint', 'model', 'request_type'];

/** Makes counters and histograms of a registry. */
function makers(registry: Registry) {
  const registers = [registry];
  return {
    counter: (name: string, help: string, labelNames = MODEL) =>
      new Counter({ name, help, labelNames, registers }),
    histogram: (name: string, help: string, buckets: number[]) =>
      new Histogram({ name, help, buckets, labelNames: MODEL, registers }),
  };
}

function requestMetrics(registry: Registry) {
  const { counter } = makers(registry);
  return {
    ended: counter('dynamo_frontend_requests_total', 'Requests that ended', [
      ...KIND,
      'status',
      'error_type',
    ]),
    active: new Gauge({
      name: 'dynamo_frontend_active_requests',
      help: 'Requests under way, from their arrival to the end of their answer',
      registers: [registry],
    }),
    cancelled: counter('dynamo_frontend_model_cancellation_total', 'Clients that left', KIND),
  };
}

function tokenMetrics(registry: Registry) {
  const { counter, histogram } = makers(registry);
  return {
    prompt: histogram('dynamo_frontend_input_sequence_tokens', 'Prompt tokens', TOKENS_IN),
    answer: histogram('dynamo_frontend_output_sequence_tokens', 'Tokens of answers', TOKENS_OUT),
    generated: counter('dynamo_frontend_output_tokens_total', 'Tokens of answers, as they come'),
    cached: histogram(
      'dynamo_frontend_cached_tokens',
      'Prompt tokens that the engine had cached, as it says',
      TOKENS_IN,
    ),
  };
}

function timeMetrics(registry: Registry) {
  const { histogram } = makers(registry);
  return {
    ttft: histogram(
      'dynamo_frontend_time_to_first_token_seconds',
      'Arrival to first token',
      TTFT_S,
    ),
    itl: histogram('dynamo_frontend_inter_token_latency_seconds', 'Token to token', ITL_S),
    duration: histogram('dynamo_frontend_request_duration_seconds', 'Arrival to end', DURATION_S),
  };
}

function mishapMetrics(registry: Registry) {
  const { counter } = makers(registry);
  return {
    migrations: counter(
      'dynamo_frontend_model_migration_total',
      'Answers that went on at another engine',
    ),
    retries: counter(
      'windtunnel_front_retries_total',
      'Requests sent to another engine before any byte',
    ),
    limited: counter(
      'windtunnel_front_limited_total',
      'Requests that came while a limit of the config was met',
      ['limit'],
    ),
    refusedConnections: counter(
      'windtunnel_front_connections_refused_total',
      'Connections hung up on before they were a request',
      ['status'],
    ),
    brokenEvents: counter(
      'windtunnel_front_broken_events_total',
      'Events of answers that were no JSON',
    ),
  };
}
