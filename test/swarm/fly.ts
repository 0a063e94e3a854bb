import { msToNs } from '#core/base/time.ts';
import { configDigest } from '#core/config/digest.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import { openJournal } from '#sim/cluster/record-run.ts';
import { buildReport, type Report } from '#sim/report/report.ts';
import { requestLines } from '#sim/report/request-rows.ts';
import type { RunResult } from '#sim/report/run-result.ts';
import { run } from '#sim/run.ts';
import type { Flight } from './flight.ts';
import { settle } from './settle.ts';
import { readTraffic } from './trace.ts';

/** A run, with what it tells of itself. */
export interface Flown {
  readonly config: ResolvedConfig;
  readonly result: RunResult;
  readonly report: Report;
  /** One line of JSON a request that arrived. */
  readonly requestRows: readonly string[];
  /** The journal, where it was kept. */
  readonly journal?: Uint8Array;
}

type Stepping = 'leap' | 'exact';

/** The config of a flight with a stepping; speculation, which knows exact alone, is left as it is. */
export function configOf(flight: Flight, stepping: Stepping): ResolvedConfig {
  const config = settle(flight);
  return { ...config, engine: { ...config.engine, stepping } };
}

/** Flies it; a journal is kept on request. */
export function fly(flight: Flight, stepping: Stepping, keepsJournal = false): Flown {
  const config = configOf(flight, stepping);
  const { seed, rateWindows, resendsOutput, timelineStepMs } = flight;
  const trace = readTraffic(flight);
  const pieces: Uint8Array[] = [];
  const origin = { program: 'swarm', config };
  const result = run({
    config,
    seed,
    ...trace,
    resendsOutput,
    rateWindows,
    ...(timelineStepMs !== undefined && { timelineStepNs: msToNs(timelineStepMs) }),
    ...(keepsJournal && { journal: openJournal(origin, (piece) => void pieces.push(piece)) }),
  });
  const report = buildReport(result, {
    config,
    configSha256: configDigest(config),
    seed,
    trace: { path: 'swarm', sha256: '', format: 'mooncake', requests: flight.rows.length },
    series: timelineStepMs !== undefined,
  });
  const requestRows = [...requestLines(result.requests, undefined, result.encode?.table)];
  return {
    config,
    result,
    report,
    requestRows,
    ...(keepsJournal && { journal: Buffer.concat(pieces) }),
  };
}
