import { Registry } from 'prom-client';
import { NS_PER_MS } from '#core/base/time.ts';
import type { TelemetryConfig } from '#core/config/serve/telemetry.ts';
import type { Clock } from '#live/clock.ts';
import { ownFaults } from '#live/faults.ts';
import type { FrontTelemetry } from '#live/http/front-telemetry.ts';
import type { Shadow } from '#live/shadow/shadow.ts';
import { ShadowMetrics } from '#live/shadow/shadow-metrics.ts';
import { type DiscoverySources, openDiscoveryMetrics } from './discovery-metrics.ts';
import { openFaultMetrics } from './fault-metrics.ts';
import { FrontMetrics } from './front-metrics.ts';
import { type JournalSources, openJournalMetrics } from './journal-metrics.ts';
import { openProcessMetrics } from './process-metrics.ts';
import { openPromptMetrics, type PromptSources } from './prompt-metrics.ts';
import { openReplicaMetrics, type ReplicaSources } from './replica-metrics.ts';
import { RequestLog } from './request-log.ts';
import { RouterMetrics, type RouterSources } from './router-metrics.ts';

export interface TelemetryOptions
  extends RouterSources,
    ReplicaSources,
    DiscoverySources,
    PromptSources,
    JournalSources {
  readonly config: TelemetryConfig;
  /** The clock of the front's records. */
  readonly clock: Clock;
  /** Its metrics stand beside those of the router, where there is one. */
  readonly shadow?: Shadow;
  /** Takes a line of the log; the process's stderr when absent. */
  readonly write?: (line: string) => void;
}

/** What a front tells, until it is closed. */
export interface OpenTelemetry {
  readonly front: FrontTelemetry;
  /** Sends the spans that have not been sent yet. */
  close(): Promise<void>;
}

/** Opens the metrics, and the log and the spans that the config asks for. */
export async function openTelemetry(options: TelemetryOptions): Promise<OpenTelemetry> {
  const { config, clock } = options;
  const epochMs = Date.now() - clock.nowNs() / NS_PER_MS;
  const write = options.write ?? ((line) => process.stderr.write(line));
  const registry = new Registry();
  if (options.shadow !== undefined) new ShadowMetrics(registry, options.shadow);
  openReplicaMetrics(registry, options);
  openDiscoveryMetrics(registry, options);
  openPromptMetrics(registry, options);
  openJournalMetrics(registry, options);
  const loopDelay = openProcessMetrics(registry, clock);
  openFaultMetrics(registry, ownFaults);
  const listeners: FrontTelemetry[] = [
    new FrontMetrics(registry),
    new RouterMetrics(registry, options),
    ...(config.log === 'none' ? [] : [new RequestLog(config.log, epochMs, write)]),
  ];
  const spans = await openSpans(config, epochMs);
  if (spans !== undefined) listeners.push(spans);
  return {
    front: {
      ...toAll(listeners),
      ...(spans !== undefined && { traceparent: (record) => spans.traceparent(record) }),
      metrics: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
    },
    close: async () => {
      loopDelay.stop();
      await spans?.close();
    },
  };
}

/** The library for spans takes a while to load, which only those wait for who ask for them. */
async function openSpans(
  { otlp_endpoint: url, service_name: name }: TelemetryConfig,
  epochMs: number,
) {
  if (url === undefined) return undefined;
  const { RequestSpans } = await import('./request-spans.ts');
  return new RequestSpans(url, name, epochMs);
}

function toAll(listeners: readonly FrontTelemetry[]): FrontTelemetry {
  return {
    requestBegan: (record) => {
      for (const one of listeners) one.requestBegan?.(record);
    },
    tokensCame: (record, tokens, nowNs) => {
      for (const one of listeners) one.tokensCame?.(record, tokens, nowNs);
    },
    requestEnded: (record) => {
      for (const one of listeners) one.requestEnded?.(record);
    },
    connectionRefused: (status) => {
      for (const one of listeners) one.connectionRefused?.(status);
    },
  };
}
