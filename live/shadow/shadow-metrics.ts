import { Histogram, type Registry } from 'prom-client';
import { openScrapedGauge, type SetSeries } from '#live/telemetry/scraped-gauge.ts';
import type { Shadow } from './shadow.ts';
import type { ShadowStatus } from './shadow-status.ts';

/** Of relative errors: −1 = nothing was predicted of what came, 1 = twice as much. */
const ERROR_BUCKETS = [-0.9, -0.75, -0.5, -0.25, -0.1, -0.05, 0, 0.05, 0.1, 0.25, 0.5, 1, 2, 4];

const KINDS = ['ttft', 'e2e'] as const;

/** How the shadow fares, at each scrape; each error, as it is known. */
export class ShadowMetrics {
  readonly #registry: Registry;
  readonly #status: () => ShadowStatus;

  constructor(registry: Registry, shadow: Shadow) {
    this.#registry = registry;
    this.#status = () => shadow.status();
    const errors = new Histogram({
      name: 'windtunnel_shadow_prediction_error_ratio',
      help: '(predicted − came) / came, of each prediction of TTFT and E2E',
      labelNames: ['metric'],
      buckets: ERROR_BUCKETS,
      registers: [registry],
    });
    shadow.onError = (metric, error) => errors.observe({ metric }, error);
    this.#ofThread();
    this.#ofErrors();
    if (shadow.status().advice !== undefined) this.#ofAdvice();
  }

  #ofThread(): void {
    this.#gauge('windtunnel_shadow_up', '1 = the shadow runs', [], (set, { state }) =>
      set({}, state === 'running' ? 1 : 0),
    );
    this.#gauge(
      'windtunnel_shadow_lag_seconds',
      'From sending a request to having its forecast, a running mean',
      [],
      (set, { lag_ms }) => lag_ms !== null && set({}, lag_ms / 1000),
    );
    this.#gauge(
      'windtunnel_shadow_facts_waiting',
      'Facts that the shadow has not handled',
      [],
      (set, { facts_waiting }) => set({}, facts_waiting),
    );
    this.#gauge(
      'windtunnel_shadow_requests',
      'Requests since the start: with a forecast, with one that came after the first token, with none because the shadow was behind, of which it was not told',
      ['state'],
      (set, { forecasts, late, skipped, dropped }) => {
        const counts = { forecast: forecasts, late, skipped, dropped };
        for (const [state, count] of Object.entries(counts)) set({ state }, count);
      },
    );
  }

  #ofErrors(): void {
    this.#gauge(
      'windtunnel_shadow_window_error_ratio',
      'Errors of the last predictions: mean, p50, p90, with their signs and without',
      ['metric', 'sign', 'stat'],
      (set, status) => {
        for (const metric of KINDS) {
          const { errors } = status[metric];
          if (errors === null) continue;
          for (const stat of ['mean', 'p50', 'p90'] as const) {
            set({ metric, sign: 'signed', stat }, errors[stat]);
            set({ metric, sign: 'absolute', stat }, errors.absolute[stat]);
          }
        }
      },
    );
    this.#gauge(
      'windtunnel_shadow_drift',
      'The drift alarm: 1 = what comes is longer than predicted, −1 = shorter, 0 = neither',
      ['metric'],
      (set, status) => {
        const numbers = { longer: 1, shorter: -1, none: 0 };
        for (const metric of KINDS) set({ metric }, numbers[status[metric].drift]);
      },
    );
    this.#gauge(
      'windtunnel_shadow_drift_alarms',
      'Times that the drift alarm has risen',
      ['metric'],
      (set, status) => {
        for (const metric of KINDS) set({ metric }, status[metric].alarms);
      },
    );
  }

  #ofAdvice(): void {
    this.#gauge(
      'windtunnel_shadow_advice_ratio',
      'What another policy would have given over the last arrivals, relative to the current one as the shadow flies it, with its 95 % interval',
      ['policy', 'metric', 'bound'],
      (set, { advice }) => {
        for (const { name: policy, metrics } of advice?.latest?.policies ?? []) {
          for (const [metric, { ratio, low, high }] of Object.entries(metrics)) {
            const bounds = { estimate: ratio, low, high };
            for (const [bound, value] of Object.entries(bounds)) {
              if (value !== undefined) set({ policy, metric, bound }, value);
            }
          }
        }
      },
    );
    this.#gauge(
      'windtunnel_shadow_advice_value',
      'The same as the shadow has it: milliseconds, tokens a second, a share of the prompt tokens',
      ['policy', 'metric'],
      (set, { advice }) => {
        for (const { name: policy, metrics } of advice?.latest?.policies ?? []) {
          for (const [metric, { value }] of Object.entries(metrics)) set({ policy, metric }, value);
        }
      },
    );
  }

  #gauge(
    name: string,
    help: string,
    labelNames: readonly string[],
    fill: (set: SetSeries, status: ShadowStatus) => void,
  ): void {
    openScrapedGauge(this.#registry, name, help, labelNames, (set) => fill(set, this.#status()));
  }
}
