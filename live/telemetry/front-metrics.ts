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

/** What a client can ask for under any name must not become a series each. */
const UNKNOWN_MODEL = 'unknown_model';

/**
 * Counts what passes the front, under the names of Dynamo's frontend (observed on 1.6.1) and, where it
 * has none, under our own.
 */
export class FrontMetrics implements FrontTelemetry {
  readonly #ended;
  readonly #active;
  readonly #inputTokens;
  readonly #outputTokens;
  readonly #outputTotal;
  readonly #cachedTokens;
  readonly #ttft;
  readonly #itl;
  readonly #duration;
  readonly #cancelled;
  readonly #migrations;
  readonly #retries;
  readonly #refusedConnections;
  readonly #brokenEvents;
  /** When the last token of a request came. */
  readonly #lastToken = new Map<Readonly<RequestRecord>, Ns>();

  constructor(registry: Registry) {
    const registers = [registry];
    const model = ['model'];
    const kind = ['endpoint', 'model', 'request_type'];
    const counter = (name: string, help: string, labelNames: string[] = model) =>
      new Counter({ name, help, labelNames, registers });
    const histogram = (name: string, help: string, buckets: number[]) =>
      new Histogram({ name, help, buckets, labelNames: model, registers });
    this.#ended = counter('dynamo_frontend_requests_total', 'Requests that ended', [
      ...kind,
      'status',
      'error_type',
    ]);
    this.#active = new Gauge({
      name: 'dynamo_frontend_active_requests',
      help: 'Requests under way, from their arrival to the end of their answer',
      registers,
    });
    this.#inputTokens = histogram(
      'dynamo_frontend_input_sequence_tokens',
      'Prompt tokens',
      TOKENS_IN,
    );
    this.#outputTokens = histogram(
      'dynamo_frontend_output_sequence_tokens',
      'Tokens of answers',
      TOKENS_OUT,
    );
    this.#outputTotal = counter(
      'dynamo_frontend_output_tokens_total',
      'Tokens of answers, as they come',
    );
    this.#cachedTokens = histogram(
      'dynamo_frontend_cached_tokens',
      'Prompt tokens that the engine had cached, as it says',
      TOKENS_IN,
    );
    this.#ttft = histogram(
      'dynamo_frontend_time_to_first_token_seconds',
      'Arrival to first token',
      TTFT_S,
    );
    this.#itl = histogram('dynamo_frontend_inter_token_latency_seconds', 'Token to token', ITL_S);
    this.#duration = histogram(
      'dynamo_frontend_request_duration_seconds',
      'Arrival to end',
      DURATION_S,
    );
    this.#cancelled = counter(
      'dynamo_frontend_model_cancellation_total',
      'Clients that left',
      kind,
    );
    this.#migrations = counter(
      'dynamo_frontend_model_migration_total',
      'Answers that went on at another engine',
    );
    this.#retries = counter(
      'windtunnel_front_retries_total',
      'Requests sent to another engine before any byte',
    );
    this.#refusedConnections = counter(
      'windtunnel_front_connections_refused_total',
      'Connections hung up on before they were a request',
      ['status'],
    );
    this.#brokenEvents = counter(
      'windtunnel_front_broken_events_total',
      'Events of answers that were no JSON',
    );
  }

  requestBegan(): void {
    this.#active.inc();
  }

  tokensCame(record: Readonly<RequestRecord>, tokens: number, nowNs: Ns): void {
    const { model } = record;
    this.#outputTotal.inc({ model }, tokens);
    const last = this.#lastToken.get(record);
    this.#lastToken.set(record, nowNs);
    if (last === undefined) return;
    // Tokens that come in one piece share the time that it took.
    const gapS = (nowNs - last) / tokens / NS_PER_S;
    for (let token = 0; token < tokens; token++) this.#itl.observe({ model }, gapS);
  }

  requestEnded(record: Readonly<RequestRecord>): void {
    this.#lastToken.delete(record);
    this.#active.dec();
    const model = record.status === 404 || record.model === '' ? UNKNOWN_MODEL : record.model;
    const kind = {
      endpoint: ROUTE_LABEL[record.route],
      model,
      request_type: record.stream ? 'stream' : 'unary',
    };
    this.#ended.inc({ ...kind, ...statusLabels(record) });
    if (record.outcome === 'client_gone') this.#cancelled.inc(kind);
    this.#duration.observe({ model }, (record.endedNs - record.receivedNs) / NS_PER_S);
    if (record.inputTokens >= 0) this.#inputTokens.observe({ model }, record.inputTokens);
    if (record.firstTokenNs >= 0) {
      this.#ttft.observe({ model }, (record.firstTokenNs - record.receivedNs) / NS_PER_S);
      this.#outputTokens.observe({ model }, record.outputTokens);
    }
    if (record.cachedTokens >= 0) this.#cachedTokens.observe({ model }, record.cachedTokens);
    if (record.migrations > 0) this.#migrations.inc({ model }, record.migrations);
    if (record.retries > 0) this.#retries.inc({ model }, record.retries);
    if (record.brokenEvents > 0) this.#brokenEvents.inc({ model }, record.brokenEvents);
  }

  connectionRefused(status: number): void {
    this.#refusedConnections.inc({ status: String(status) });
  }
}
