import { NS_PER_MS, type Ns } from '#core/base/time.ts';
import type { DecodeCurve } from './timing-model.ts';

/**
 * What the host spends on a pass beside the GPU: scheduling it, preparing its inputs, reading its
 * outputs. It grows with the requests that the pass computes:
 *
 *     host  =  per pass + per request · requests
 *     pass  =  GPU + host          one after the other
 *     pass  =  max(GPU, host)      with asynchronous scheduling, which prepares the next pass meanwhile
 *
 * The second is the steady state of vLLM's AsyncScheduler, SGLang's overlap schedule and
 * TensorRT-LLM's overlap scheduler: as long as the host is done before the GPU is, it costs nothing.
 */
export class HostOverhead {
  readonly #passNs: number;
  readonly #requestNs: number;
  readonly #overlaps: boolean;

  constructor(perPassMs: number, perRequestUs: number, overlaps: boolean) {
    this.#passNs = perPassMs * NS_PER_MS;
    this.#requestNs = perRequestUs * 1000;
    this.#overlaps = overlaps;
  }

  /** Duration of a pass that keeps the GPU busy for `gpuNs`; one that computes nothing has no host part. */
  around(gpuNs: Ns, requests: number): Ns {
    if (requests === 0) return gpuNs;
    const hostNs = this.#hostNs(requests);
    return this.#overlaps ? Math.max(gpuNs, hostNs) : gpuNs + hostNs;
  }

  /** Makes the GPU's time of a pass of `requests` decoding requests the pass's own. */
  aroundCurve(curve: DecodeCurve, requests: number): void {
    const hostMs = this.#hostNs(requests) / NS_PER_MS;
    if (this.#overlaps) raiseTo(curve, hostMs);
    else for (let piece = 0; piece < curve.pieces; piece++) curve.c0[piece]! += hostMs;
  }

  #hostNs(requests: number): Ns {
    return Math.round(this.#passNs + this.#requestNs * requests);
  }
}

/** Raises what lies below `floorMs`; since a curve never falls, that is how it begins, or nothing. */
function raiseTo(curve: DecodeCurve, floorMs: number): void {
  let below = 0;
  while (below < curve.pieces && topOf(curve, below) <= floorMs) below++;
  if (below === curve.pieces) {
    curve.clear();
    curve.add(Number.POSITIVE_INFINITY, floorMs, 0, 0);
    return;
  }
  const end = lastBelow(curve, below, floorMs);
  if (end > 0) curve.replaceFirst(below, end, floorMs);
}

/** What a piece rises to. */
function topOf(curve: DecodeCurve, piece: number): number {
  const end = curve.end[piece]!;
  if (end < Number.POSITIVE_INFINITY) return curve.at(piece, end);
  const flat = curve.c1[piece] === 0 && curve.c2[piece] === 0;
  return flat ? curve.c0[piece]! : Number.POSITIVE_INFINITY;
}

/** The last whole context up to and in a piece for which a pass takes less than `floorMs`. */
function lastBelow(curve: DecodeCurve, piece: number, floorMs: number): number {
  let below = piece === 0 ? 0 : curve.end[piece - 1]!;
  let above = below + 1;
  while (above < curve.end[piece]! && curve.at(piece, above) < floorMs) above *= 2;
  above = Math.min(above, curve.end[piece]!);
  while (above - below > 1) {
    const middle = Math.floor((below + above) / 2);
    if (curve.at(piece, middle) < floorMs) below = middle;
    else above = middle;
  }
  return below;
}
