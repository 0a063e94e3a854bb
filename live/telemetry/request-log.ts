import { NS_PER_MS } from '#core/base/time.ts';
import type { FrontTelemetry } from '#live/http/front-telemetry.ts';
import type { RequestRecord } from '#live/http/request-record.ts';

/**
 * Requests as JSON, one a line. What goes in is named here, one by one, so that no prompt, answer or
 * key can come in by the way.
 */
export class RequestLog implements FrontTelemetry {
  readonly #onlyFailures: boolean;
  readonly #epochMs: number;
  readonly #write: (line: string) => void;

  /** @param epochMs the wall-clock time at which the clock of records began. */
  constructor(log: 'failures' | 'requests', epochMs: number, write: (line: string) => void) {
    this.#onlyFailures = log === 'failures';
    this.#epochMs = epochMs;
    this.#write = write;
  }

  requestEnded(record: Readonly<RequestRecord>): void {
    // A client that leaves is no failure of the router or of an engine.
    const isFine = record.status < 500 && record.outcome !== 'router_failed';
    if (this.#onlyFailures && (isFine || record.outcome === 'client_gone')) return;
    this.#write(`${JSON.stringify(this.#line(record))}\n`);
  }

  #line(record: Readonly<RequestRecord>): Record<string, unknown> {
    const since = (ns: number): number | undefined =>
      ns < 0 ? undefined : Math.round((ns - record.receivedNs) / 1e3) / 1e3;
    const known = (value: number): number | undefined => (value < 0 ? undefined : value);
    return {
      time: new Date(this.#epochMs + record.receivedNs / NS_PER_MS).toISOString(),
      request: record.id,
      route: record.route,
      model: record.model,
      client: record.client,
      tenant: record.tenant,
      outcome: record.outcome,
      status: known(record.status),
      fault: record.fault,
      limit: record.limit,
      engine: record.engine,
      rank: known(record.rank),
      prefill_engine: record.prefillEngine,
      input_tokens: known(record.inputTokens),
      output_tokens: record.outputTokens,
      cached_tokens: known(record.cachedTokens),
      overlap_blocks: known(record.overlapBlocks),
      routed_ms: since(record.routedNs),
      ttft_ms: since(record.firstTokenNs),
      e2e_ms: since(record.endedNs),
      retries: record.retries > 0 ? record.retries : undefined,
      migrations: record.migrations > 0 ? record.migrations : undefined,
    };
  }
}
