import type { HostTime } from '#core/perf/host/host-time.ts';
import type { ForwardPass, PassSums } from '#core/perf/pass/forward-pass.ts';
import type { Figures } from './figures.ts';
import { meanLength } from './lengths.ts';
import type { LoadPoint } from './load-point.ts';

/**
 * What an engine would need more of to serve more: `memory` for the KV cache, `sequences` (its own
 * limit), `host` time, `compute` or memory `bandwidth`; `load` where it has room for all that comes.
 */
export type Binding = 'memory' | 'sequences' | 'host' | 'compute' | 'bandwidth';

/** Share of their time that requests may wait before their queue counts as one. */
const QUEUED_SHARE = 0.02;

/** What keeps a flown point from being faster. */
export function bindingOf(point: LoadPoint, figures: Figures, pass: ForwardPass): Binding {
  if (figures.waitingShare > QUEUED_SHARE) {
    return figures.meanRunning >= 0.95 * point.server.maxNumSeqs ? 'sequences' : 'memory';
  }
  const decode = meanDecode(point, figures);
  const prefill = meanPrefill(point);
  const perRequest = meanLength(point.osl) / Math.max(1, figures.meanRunning);
  const decodeMs = pass.ms(decode) * perRequest;
  const prefillMs = pass.ms(prefill);
  const hostMs = hostMsOf(point.host, figures.meanRunning) * perRequest;
  if (hostMs > decodeMs + prefillMs) return 'host';
  // A prompt computes hundreds of tokens for each weight that it reads, a decode step one a request.
  return prefillMs > decodeMs ? 'compute' : 'bandwidth';
}

function hostMsOf({ perPassMs, perRequestMs }: HostTime, requests: number): number {
  return perPassMs + perRequestMs * requests;
}

function meanDecode({ isl, osl }: LoadPoint, { meanRunning }: Figures): PassSums {
  const requests = Math.max(1, Math.round(meanRunning));
  return {
    prefillRequests: 0,
    prefillTokens: 0,
    prefixTokens: 0,
    prefillAttentionPairs: 0,
    decodeRequests: requests,
    decodeContextTokens: requests * (meanLength(isl) + meanLength(osl) / 2),
  };
}

function meanPrefill({ isl }: LoadPoint): PassSums {
  const tokens = Math.round(meanLength(isl));
  return {
    prefillRequests: 1,
    prefillTokens: tokens,
    prefixTokens: 0,
    prefillAttentionPairs: (tokens * tokens) / 2,
    decodeRequests: 0,
    decodeContextTokens: 0,
  };
}
