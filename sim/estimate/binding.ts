import type { HostTime } from '#core/perf/host/host-time.ts';
import { decodeSums, type PassSums, promptSums } from '#core/perf/pass/pass-sums.ts';
import type { Figures } from './figures.ts';
import type { FlownPoint } from './fly-point.ts';
import { meanLength } from './lengths.ts';
import type { LoadPoint } from './load-point.ts';

/**
 * What an engine would need more of to serve more: `memory` for the KV cache, `sequences` (its own
 * limit), `host` time, `compute` or memory `bandwidth`.
 */
export type Binding = 'memory' | 'sequences' | 'host' | 'compute' | 'bandwidth';

/** Share of their time that requests may wait before their queue counts as one. */
const QUEUED_SHARE = 0.02;

/** Share of a limit from which it counts as reached. */
const FULL_SHARE = 0.95;

/** What keeps a flown point from being faster. */
export function bindingOf(point: LoadPoint, figures: Figures, flown: FlownPoint): Binding {
  const { pass, result, blocks } = flown;
  const running = figures.meanRunning / point.deployment.dataParallel;
  if (figures.waitingShare > QUEUED_SHARE) {
    if (running >= FULL_SHARE * point.server.maxNumSeqs) return 'sequences';
    if (result.peakKvBlocks > blocks - blocksOfRequest(point)) return 'memory';
    // Neither is full: prompts come faster than passes compute them.
    return 'compute';
  }
  const decode = meanDecode(point, running);
  const prefill = promptSums(Math.round(meanLength(point.isl)));
  const perRequest = meanLength(point.osl) / Math.max(1, running);
  const decodeMs = pass.ms(decode) * perRequest;
  const prefillMs = pass.ms(prefill);
  const hostMs = hostMsOf(point.host, running) * perRequest;
  if (hostMs > decodeMs + prefillMs) return 'host';
  // A prompt computes hundreds of tokens for each weight that it reads, a decode step one a request.
  return prefillMs > decodeMs ? 'compute' : 'bandwidth';
}

/** What one more request would take. */
function blocksOfRequest({ isl, osl, server }: LoadPoint): number {
  return Math.ceil((meanLength(isl) + meanLength(osl)) / server.blockSize);
}

function hostMsOf({ perPassMs, perRequestMs }: HostTime, requests: number): number {
  return perPassMs + perRequestMs * requests;
}

/** A decode pass of a rank on which so many requests run. */
function meanDecode({ isl, osl }: LoadPoint, running: number): PassSums {
  const requests = Math.max(1, Math.round(running));
  return decodeSums(requests, requests * (meanLength(isl) + meanLength(osl) / 2));
}
