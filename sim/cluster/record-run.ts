import { headerLine, type JournalOrigin } from '#core/journal/header-lines.ts';
import { LineWriter } from '#core/journal/line-writer.ts';
import type { RequestNote } from '#core/journal/note-writer.ts';
import { RecordingRouter } from '#core/journal/recording-router.ts';
import type { RouterOptions } from '#core/router/options.ts';
import type { Router } from '#core/router/router.ts';
import type { PromptForest } from '#core/tokens/prompt-forest.ts';
import type { RequestTable } from '../workload/request-table.ts';
import type { SessionTable } from '../workload/session-table.ts';

/**
 * Takes the next piece of a journal, which ends with a line; it may keep the bytes. Each pool has a
 * journal of its own and is named with it.
 */
export type JournalSink = (chunk: Uint8Array<ArrayBuffer>, pool: string) => void;

/** Keeps the journal of a run, pool by pool. Whoever wants none need not load what writes one. */
export interface RunJournal {
  /** A router that behaves as the run's own and is recorded. */
  record(run: RecordedRun): RecordingRouter;
}

/** The journal of a run that comes from `origin`. */
export function openJournal(origin: JournalOrigin, sink: JournalSink): RunJournal {
  return { record: (run) => recordRun(run, origin, sink) };
}

/** What a run's journal is written from. */
export interface RecordedRun {
  readonly router: Router;
  readonly options: RouterOptions;
  readonly seed: number;
  /** Name of the router's random stream. */
  readonly stream: string;
  readonly forest: PromptForest;
  readonly requests: RequestTable;
  readonly sessions: SessionTable;
  /** Name of the pool, and whether the run has others. */
  readonly pool: string;
  readonly isOneOfSeveral: boolean;
}

/** The header is written at once. */
function recordRun(run: RecordedRun, origin: JournalOrigin, sink: JournalSink): RecordingRouter {
  const { requests, sessions, seed, stream, options, pool } = run;
  const writer = new LineWriter((chunk) => sink(chunk, pool));
  const { unitBlocks } = run.forest;
  const ofPool = run.isOneOfSeveral ? { ...origin, pool } : origin;
  writer.line(headerLine({ ...ofPool, seed, stream, router: options, unitBlocks }));
  const describe = (row: number, out: RequestNote): void => {
    const session = requests.session[row]!;
    out.line = requests.line[row]!;
    out.outputTokens = requests.requestedTokens[row]!;
    out.session = session;
    out.sessionName = session < 0 ? '' : requests.sessionNames[session]!;
    out.thinkNs = requests.turn[row]! > 0 ? sessions.thinkNs[row]! : -1;
    const tenant = requests.tenant[row]!;
    out.tenant = tenant;
    out.tenantName = tenant < 0 ? '' : requests.tenantNames[tenant]!;
    out.task = requests.task[row]!;
    out.cancelAfterNs = requests.cancelAfterNs[row] ?? 0;
    out.cancelAfterTokens = requests.cancelAfterTokens[row] ?? 0;
    out.firstTokenTimeoutNs = requests.firstTokenTimeoutNs[row] ?? 0;
    out.timeoutNs = requests.timeoutNs[row] ?? 0;
  };
  return new RecordingRouter(run.router, run.forest, writer, describe);
}
