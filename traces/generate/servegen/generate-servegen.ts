import { openStream, type RandomStream } from '#core/base/random.ts';
import { TraceBatch } from '../../batch.ts';
import { drawLength, type LengthWindow, lengthsAt } from '../../formats/servegen/lengths.ts';
import type { RateWindow } from '../../formats/servegen/rate-windows.ts';
import { ClientArrivals } from './client-arrivals.ts';

const BATCH_ROWS = 4_096;

/** A client of ServeGen: when its requests come, and how long they are. */
export interface ServegenClient {
  readonly name: string;
  readonly rates: readonly RateWindow[];
  readonly lengths: readonly LengthWindow[];
}

export interface ServegenOptions {
  readonly fromS: number;
  readonly toS: number;
  /** At most this many requests. */
  readonly requests?: number | undefined;
  /** Multiplies all rates. */
  readonly rateScale: number;
  readonly seed: number;
}

/**
 * The requests of all clients by time, batch by batch; times count from `fromS`, a client is a tenant.
 * Each client draws from its own streams: without one, the others' requests are the same.
 */
export function* generateServegen(
  clients: readonly ServegenClient[],
  { fromS, toS, requests = Number.POSITIVE_INFINITY, rateScale, seed }: ServegenOptions,
): Generator<TraceBatch> {
  const sources = clients.map(({ name, rates, lengths }) => {
    const scaled = rates.map((window) => ({ ...window, ratePerS: window.ratePerS * rateScale }));
    const arrivals = new ClientArrivals(
      scaled,
      fromS,
      openStream(seed, `servegen/${name}/arrivals`),
    );
    return { name, arrivals, lengths, random: openStream(seed, `servegen/${name}/lengths`) };
  });
  let batch = new TraceBatch();
  for (let count = 0; count < requests; count++) {
    const source = earliest(sources);
    if (source === undefined || source.arrivals.nextS >= toS) break;
    appendRow(batch, count + 1, fromS, source);
    source.arrivals.advance();
    if (batch.count < BATCH_ROWS) continue;
    yield batch;
    batch = new TraceBatch();
  }
  if (batch.count > 0) yield batch;
}

interface Source {
  readonly name: string;
  readonly arrivals: ClientArrivals;
  readonly lengths: readonly LengthWindow[];
  readonly random: RandomStream;
}

function appendRow(batch: TraceBatch, line: number, fromS: number, source: Source): void {
  const { nextS } = source.arrivals;
  const { input, output } = lengthsAt(source.lengths, nextS)!;
  const inputTokens = Math.max(1, drawLength(input, source.random));
  const row = batch.append(line, inputTokens, drawLength(output, source.random));
  batch.timestampMs[row] = Math.round((nextS - fromS) * 1_000);
  batch.tenantId[row] = source.name;
}

function earliest(sources: readonly Source[]): Source | undefined {
  let best: Source | undefined;
  for (const source of sources) {
    if (best === undefined || source.arrivals.nextS < best.arrivals.nextS) best = source;
  }
  return best;
}
