import type { FrontTelemetry } from './front-telemetry.ts';

/**
 * Telemetry that may fail and hinders no request by that: what it throws is reported, and the answer
 * goes on. What `metrics` throws is the answer to whoever asked for it.
 */
export function guardedTelemetry(
  telemetry: FrontTelemetry,
  report: (fault: unknown) => void,
): FrontTelemetry {
  const guard = <Result>(tell: () => Result): Result | undefined => {
    try {
      return tell();
    } catch (fault) {
      report(fault);
      return undefined;
    }
  };
  return {
    requestBegan: (record) => guard(() => telemetry.requestBegan?.(record)),
    tokensCame: (record, tokens, nowNs) =>
      guard(() => telemetry.tokensCame?.(record, tokens, nowNs)),
    requestEnded: (record) => guard(() => telemetry.requestEnded?.(record)),
    traceparent: (record) => guard(() => telemetry.traceparent?.(record)),
    connectionRefused: (status) => guard(() => telemetry.connectionRefused?.(status)),
    ...(telemetry.metrics && { metrics: () => telemetry.metrics!() }),
  };
}
