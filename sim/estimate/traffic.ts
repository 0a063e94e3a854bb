import { openStream, type RandomStream } from '#core/base/random.ts';
import { TraceBatch } from '#traces/batch.ts';
import { drawLength, meanLength } from './lengths.ts';
import type { LoadPoint } from './load-point.ts';

/** Requests of a point. Those that count follow `warmUp` that bring a loop into its steady state. */
export interface Traffic {
  readonly batch: TraceBatch;
  readonly warmUp: number;
}

/**
 * Draws the requests of a point for ranks of `blocks` KV blocks each. A closed loop that starts spread
 * begins with one request a client, as a loop that has run for long would be found: of those that the
 * server has room for a random part is left to generate, the others wait with all of theirs. It ends
 * with one more a client, so that nobody who counts runs beside idle clients.
 */
export function drawTraffic(point: LoadPoint, blocks: number): Traffic {
  const { load, requests, seed, isl, osl } = point;
  const lengths = openStream(seed, 'estimate.lengths');
  const arrivals = openStream(seed, 'estimate.arrivals');
  const batch = new TraceBatch();
  const warmUp = load.kind === 'closed' && load.start === 'spread' ? load.concurrency : 0;
  const inFlight = Math.min(warmUp, placesOf(point, blocks));
  let atMs = 0;
  for (let index = 0; index < warmUp + requests + warmUp; index++) {
    const input = drawLength(isl, lengths);
    const output = drawLength(osl, lengths);
    const left = index < inFlight ? Math.max(1, Math.round(output * lengths.nextFloat())) : output;
    const row = batch.append(index + 1, input + output - left, left);
    batch.timestampMs[row] = atMs;
    appendContent(batch, point, index, input);
    if (load.kind === 'open') atMs += gapMs(load, arrivals);
  }
  return { batch, warmUp };
}

/** Requests that are under way at a time at most, by the limit of sequences and by the cache. */
function placesOf({ deployment, server, isl, osl }: LoadPoint, blocks: number): number {
  const held = meanLength(isl) + meanLength(osl) / 2;
  const room = Math.max(1, Math.floor((blocks * server.blockSize) / held));
  return deployment.dataParallel * Math.min(server.maxNumSeqs, room);
}

function gapMs(
  { requestRate, arrivals }: { readonly requestRate: number; readonly arrivals: string },
  stream: RandomStream,
): number {
  return (1000 / requestRate) * (arrivals === 'poisson' ? stream.nextExponential() : 1);
}

/** Prompts repeat in turn where the point says how many there are. */
function appendContent(
  batch: TraceBatch,
  { distinctPrompts, server }: LoadPoint,
  index: number,
  input: number,
): void {
  if (distinctPrompts === undefined) return;
  const blocks = Math.ceil(input / server.blockSize);
  const prompt = index % distinctPrompts;
  for (let block = 0; block < blocks; block++) batch.appendHashId(prompt * MOST_BLOCKS + block);
}

/** Ids of one prompt lie below those of the next. */
const MOST_BLOCKS = 4096;
