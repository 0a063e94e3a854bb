import { z } from 'zod';
import { describe } from '../describe.ts';

const URL_PATTERN = /^https?:\/\/[^/?#\s]+(\/[^?#\s]*)?$/;

/** What the router tells of itself besides its metrics, which it always does. */
export const telemetrySchema = z
  .strictObject({
    log: describe(z.enum(['none', 'failures', 'requests']).default('failures'), {
      effect:
        'Which requests are written to stderr, one JSON object a line: those that failed, all, or none. Prompts, answers and keys are in none of them.',
    }),
    otlp_endpoint: describe(z.string().regex(URL_PATTERN).exactOptional(), {
      effect: 'Where spans of requests are sent, as OTLP over HTTP.',
      source: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT; http://HOST:4318/v1/traces',
      whenAbsent: 'none are made; a traceparent that a client sends is passed on all the same',
    }),
    service_name: describe(z.string().min(1).default('windtunnel'), {
      effect: 'What the router is called in its spans.',
      source: 'OTEL_SERVICE_NAME',
    }),
  })
  .meta({ description: 'Logs and traces.' });

export type TelemetryConfig = z.output<typeof telemetrySchema>;
