import type { Ns } from '#core/base/time.ts';
import { schedulersOf } from '#core/config/pools.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import type { DecisionObserver } from '#core/router/decision-observer.ts';
import { type JournalSink, openJournal } from '#sim/cluster/record-run.ts';
import { buildReport, type Report, type ReportTrace } from '#sim/report/report.ts';
import type { RunResult } from '#sim/report/run-result.ts';
import { type RunOptions, run } from '#sim/run.ts';
import type { LoadedTrace } from '#traces/loaded-trace.ts';
import { journalOrigin } from './journal/origin.ts';
import { checkMemory } from './memory.ts';
import { guardAmbient } from './policy/ambient-guard.ts';
import { policiesOf } from './policy/with-policy.ts';
import type { ProgressMeter } from './progress.ts';
import type { RecordedRates } from './recorded-rates.ts';

/** One flight to be made. */
export interface Flight {
  readonly trace: LoadedTrace;
  /** The recording that the config's rate follows. */
  readonly rates: RecordedRates | undefined;
  readonly config: ResolvedConfig;
  readonly configSha256: string;
  readonly seed: number;
  /** Names the flight on the progress line, where there are several. */
  readonly label?: string;
  /** List every worker in the report, however many there are. */
  readonly perWorker?: boolean;
  /** Step at which the state of the workers is recorded, and whether the report shows it. */
  readonly timelineStepNs?: Ns;
  readonly series?: boolean;
  /** Takes the journal of the flight, piece by piece. */
  readonly journal?: JournalSink;
  /** Looks on while the router decides, and may choose otherwise. */
  readonly observer?: DecisionObserver;
  /** The pool whose router it looks on at; all of them when absent. */
  readonly observedPool?: string;
}

/** Flies a trace once and reports on it, without a word about the host. */
export function fly(
  flight: Flight,
  progress: ProgressMeter | undefined,
): { readonly result: RunResult; readonly report: Report } {
  const { trace, rates, config, configSha256, seed, label, journal, timelineStepNs } = flight;
  const { observer, observedPool } = flight;
  checkMemory({ workers: schedulersOf(config), requests: trace.requests });
  progress?.startRun(trace.requests, label);
  const policies = policiesOf(config);
  const options: RunOptions = {
    config,
    seed,
    batches: trace.batches,
    hasContent: trace.hasContent,
    resendsOutput: trace.resendsOutput,
    sessions: trace.sessions,
    ...(rates && { rateWindows: rates.windows }),
    expectedRequests: trace.requests,
    ...(timelineStepNs !== undefined && { timelineStepNs }),
    ...(policies && { policies }),
    ...(observer && { observer }),
    ...(observedPool !== undefined && { observedPool }),
    ...(journal && {
      journal: openJournal(journalOrigin(trace, config, configSha256), journal),
    }),
    ...(progress && { onProgress: (state) => progress.update(state) }),
  };
  const result = policies === undefined ? run(options) : guardAmbient(() => run(options));
  progress?.endRun();
  const context = {
    config,
    configSha256,
    seed,
    trace: reportTrace(trace, rates, config),
    perWorker: flight.perWorker === true,
    series: flight.series === true,
  };
  return { result, report: buildReport(result, context) };
}

/** What a report says of the trace that was flown. */
export function reportTrace(
  trace: LoadedTrace,
  rates: RecordedRates | undefined,
  { workload }: ResolvedConfig,
): ReportTrace {
  const { path, sha256, format, requests, sessions, notes } = trace;
  const { request_rate, rate_shape, concurrency, max_concurrency } = workload;
  const counting = request_rate ?? rate_shape ?? concurrency ?? max_concurrency;
  const sessionsCount = sessions > 0 && counting !== undefined;
  return {
    path,
    sha256,
    format,
    requests,
    ...(rates && { rates: { path: rates.path, sha256: rates.sha256 } }),
    ...(sessionsCount && { sessions }),
    ...(notes.length > 0 && { notes }),
  };
}
