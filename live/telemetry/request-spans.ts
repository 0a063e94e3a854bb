import {
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { NS_PER_MS, type Ns } from '#core/base/time.ts';
import { ROUTE_PATHS } from '#live/http/client-request.ts';
import type { FrontTelemetry } from '#live/http/front-telemetry.ts';
import type { RequestRecord } from '#live/http/request-record.ts';

const OPERATION: Readonly<Record<RequestRecord['route'], string>> = {
  chat: 'chat',
  completions: 'text_completion',
  embeddings: 'embeddings',
};

const propagator = new W3CTraceContextPropagator();

/**
 * A span for each request, below the one that its client names, and one for each of its stages; engines
 * get the request's own as their parent. Attributes are those of OpenTelemetry's conventions for HTTP
 * and generative AI; what only a router knows is `windtunnel.…`.
 */
export class RequestSpans implements FrontTelemetry {
  readonly #provider: TracerProvider;
  readonly #epochMs: number;
  readonly #spans = new Map<Readonly<RequestRecord>, Span>();

  /** @param epochMs the wall-clock time at which the clock of records began. */
  constructor(url: string, serviceName: string, epochMs: number) {
    this.#epochMs = epochMs;
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': serviceName }),
      spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url }) })],
    });
  }

  requestBegan(record: Readonly<RequestRecord>): void {
    const carrier = record.traceparent === undefined ? {} : { traceparent: record.traceparent };
    const parent = propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
    const name = `POST ${ROUTE_PATHS[record.route]}`;
    const options = { kind: SpanKind.SERVER, startTime: this.#time(record.receivedNs) };
    this.#spans.set(record, this.#tracer.startSpan(name, options, parent));
  }

  traceparent(record: Readonly<RequestRecord>): string | undefined {
    const span = this.#spans.get(record);
    if (span === undefined) return undefined;
    const carrier: { traceparent?: string } = {};
    propagator.inject(trace.setSpan(ROOT_CONTEXT, span), carrier, defaultTextMapSetter);
    return carrier.traceparent;
  }

  requestEnded(record: Readonly<RequestRecord>): void {
    const span = this.#spans.get(record);
    if (span === undefined) return;
    this.#spans.delete(record);
    this.#stage(span, 'read', record.receivedNs, record.readNs);
    this.#stage(span, 'route', record.readNs, record.routedNs);
    this.#stage(span, 'prefill', record.routedNs, record.firstTokenNs);
    this.#stage(span, 'decode', record.firstTokenNs, record.endedNs);
    for (const [key, value] of attributesOf(record)) span.setAttribute(key, value);
    if (record.status >= 500 || record.outcome === 'router_failed') {
      span.setStatus({ code: SpanStatusCode.ERROR, message: record.fault ?? record.outcome });
    }
    span.end(this.#time(record.endedNs));
  }

  /** Sends what is left. */
  async close(): Promise<void> {
    await this.#provider.shutdown();
  }

  get #tracer() {
    return this.#provider.getTracer('windtunnel');
  }

  /** A stage that the request has been through. */
  #stage(parent: Span, name: string, fromNs: Ns, toNs: Ns): void {
    if (fromNs < 0 || toNs < 0) return;
    const below = trace.setSpan(ROOT_CONTEXT, parent);
    const span = this.#tracer.startSpan(name, { startTime: this.#time(fromNs) }, below);
    span.end(this.#time(toNs));
  }

  #time(ns: Ns): number {
    return this.#epochMs + ns / NS_PER_MS;
  }
}

function attributesOf(record: Readonly<RequestRecord>): (readonly [string, string | number])[] {
  const all: (readonly [string, string | number | undefined])[] = [
    ['http.request.method', 'POST'],
    ['http.route', ROUTE_PATHS[record.route]],
    ['http.response.status_code', record.status],
    ['gen_ai.operation.name', OPERATION[record.route]],
    ['gen_ai.request.model', record.model],
    ['gen_ai.usage.input_tokens', record.inputTokens],
    ['gen_ai.usage.output_tokens', record.outputTokens],
    ['windtunnel.request', record.id],
    ['windtunnel.outcome', record.outcome],
    ['windtunnel.engine', record.engine],
    ['windtunnel.rank', record.rank],
    ['windtunnel.prefill_engine', record.prefillEngine],
    ['windtunnel.overlap_blocks', record.overlapBlocks],
    ['windtunnel.cached_tokens', record.cachedTokens],
    ['windtunnel.retries', record.retries],
    ['windtunnel.migrations', record.migrations],
  ];
  return all.filter(
    (entry): entry is readonly [string, string | number] =>
      entry[1] !== undefined && entry[1] !== '' && entry[1] !== -1,
  );
}
