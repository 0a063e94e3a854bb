import type { Ns } from '#core/base/time.ts';
import type { RequestRecord } from './request-record.ts';

/** Who keeps count of what passes the front. Nothing here may throw, or take long. */
export interface FrontTelemetry {
  requestBegan?(record: Readonly<RequestRecord>): void;
  /** So many further tokens of the answer came in one piece, which the client has by now. */
  tokensCame?(record: Readonly<RequestRecord>, tokens: number, nowNs: Ns): void;
  /** Also for requests that were refused; the record does not change any more. */
  requestEnded?(record: Readonly<RequestRecord>): void;
  /** The `traceparent` that engines get with the request, in place of the client's. */
  traceparent?(record: Readonly<RequestRecord>): string | undefined;
  /** A connection was hung up on before it was a request: its status. */
  connectionRefused?(status: number): void;
  /** The text of `GET /metrics`. */
  metrics?(): MetricsText | Promise<MetricsText>;
}

export interface MetricsText {
  readonly contentType: string;
  readonly text: string;
}
