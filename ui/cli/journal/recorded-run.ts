import { stderr } from 'node:process';
import { InputError, WindtunnelError } from '#core/base/errors.ts';
import { resolveConfig } from '#core/config/resolve.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import { readTrailer } from '#core/journal/header.ts';
import type { JournalHeader, JournalTrailer } from '#core/journal/header-lines.ts';
import type { DecisionObserver } from '#core/router/decision-observer.ts';
import type { RunResult } from '#sim/report/run-result.ts';
import type { LoadedTrace } from '#traces/loaded-trace.ts';
import { fly } from '../fly.ts';
import { loadTrace } from '../load-trace.ts';
import { openProgress } from '../progress.ts';
import { type RecordedRates, readRates } from '../recorded-rates.ts';
import { programName } from '../repeat-command.ts';

/** How a run that read its trace from stdin names it. */
const STDIN = '-';

/** The run that a journal is of, ready to be flown again. */
export interface RecordedRun {
  readonly config: ResolvedConfig;
  readonly configSha256: string;
  readonly seed: number;
  readonly trace: LoadedTrace;
  readonly rates: RecordedRates | undefined;
  /** The pool whose router's journal it is; undefined where the run has one. */
  readonly pool: string | undefined;
}

/** A run flown again, with the last line of its journal. */
export interface Reflown {
  readonly result: RunResult;
  readonly trailer: JournalTrailer | undefined;
}

/** What the header of a journal has of a run that can be flown again. */
type FlownHeader = JournalHeader & {
  readonly config: unknown;
  readonly trace: NonNullable<JournalHeader['trace']>;
};

/**
 * Refuses the journal of a live router: what its engines did stands in it as facts, and what they
 * would have done after another choice in no file.
 */
export function checkFlown(file: string, header: JournalHeader): asserts header is FlownHeader {
  if (header.config !== undefined && header.trace !== undefined) return;
  throw new InputError(
    'journal_invalid',
    'the journal of a live router cannot be flown on with another choice: it has what its engines did, and no model of what they would have done',
    {
      file,
      remedy: `fly its requests in a simulated cluster, and fork that journal: ${programName()} replay ${file} --journal flown.journal.jsonl`,
    },
  );
}

/**
 * Loads what the header of a journal names. The trace is where the run found it, or at `tracePath`,
 * and must have the same bytes. Throws as `checkFlown` does.
 */
export async function loadRecordedRun(
  file: string,
  header: JournalHeader,
  tracePath: string | undefined,
): Promise<RecordedRun> {
  checkFlown(file, header);
  const { config: written, configSha256 = '', seed, trace: recorded } = header;
  if (recorded.path === STDIN && tracePath === undefined) {
    throw new InputError('input_missing', 'the trace of the journal came through stdin', {
      file,
      remedy: 'name a file of the same bytes with --trace',
    });
  }
  const config = resolveConfig(written, [], { file });
  const trace = await loadTrace(tracePath ?? recorded.path, config, true).catch(
    (error: unknown) => {
      throw withRemedy(error, tracePath);
    },
  );
  if (trace.sha256 !== recorded.sha256) {
    throw new InputError('input_missing', 'not the trace that was flown', {
      file: trace.path,
      received: `sha256 ${trace.sha256}`,
      allowed: `sha256 ${recorded.sha256}`,
      remedy: 'name the trace with --trace',
    });
  }
  const { pool } = header;
  return { config, configSha256, seed, trace, pool, rates: await readRates(config) };
}

/** A trace that is not where it was: the user can say where it is now. */
function withRemedy(error: unknown, tracePath: string | undefined): unknown {
  if (tracePath !== undefined || !(error instanceof InputError)) return error;
  if (error.code !== 'trace_unreadable') return error;
  const { file } = error.place;
  return new InputError('trace_unreadable', 'the trace of the journal is not there', {
    ...(file !== undefined && { file }),
    remedy: 'name it with --trace',
  });
}

/** Flies the run again, as it was or under the eyes of an observer. */
export function flyAgain(
  run: RecordedRun,
  options: { readonly quiet?: boolean; readonly format: string; readonly label: string },
  observer?: DecisionObserver,
): Reflown {
  let last = new Uint8Array();
  const progress = openProgress(stderr, options);
  const { result } = fly(
    {
      ...run,
      label: options.label,
      journal: (chunk, pool) => {
        if ((run.pool ?? pool) === pool) last = chunk;
      },
      ...(observer && { observer }),
      ...(run.pool !== undefined && { observedPool: run.pool }),
    },
    progress,
  );
  progress?.finish();
  const line = new TextDecoder().decode(last).trimEnd().split('\n').at(-1);
  return { result, trailer: line === undefined ? undefined : readTrailer(JSON.parse(line)) };
}

/** The run must decide as its journal says, or what follows would be about another run. */
export function checkSameDecisions(
  file: string,
  recorded: JournalTrailer | undefined,
  flown: JournalTrailer | undefined,
): void {
  if (recorded === undefined) {
    stderr.write('note: the journal was cut, so that it cannot be held against the run\n');
    return;
  }
  if (recorded.digest === flown?.digest && recorded.decisions === flown.decisions) return;
  throw new WindtunnelError(
    'journal_outdated',
    `${file}: the run, flown again, decides otherwise than its journal says (digest ${flown?.digest}, the journal has ${recorded.digest}); it was written by another version, whose config or simulator differs`,
    { file },
  );
}
