import { growColumn } from '#core/base/columns.ts';
import type { Ns } from '#core/base/time.ts';
import type { TraceMedia } from '#traces/media.ts';
import type { TraceRouting } from '#traces/routing.ts';

/** What became of a request. */
export const RequestStatus = {
  pending: 0,
  queued: 1,
  running: 2,
  completed: 3,
  rejected: 4,
  /** Its client went away: it did not want the rest of the answer, or not any of it. */
  cancelled: 5,
  /** Its client stopped waiting for it. */
  timedOut: 6,
} as const;

/** What is asked of a prompt: an answer, or only what its own last token gives. */
export const Task = { generate: 0, embed: 1, prefillOnly: 2 } as const;

/** No such moment yet: times start at 0, so −1 is free to say it. */
export const NEVER = -1;

/**
 * Every request of a run, one row each, in the order in which the trace lists them. Times are
 * nanoseconds since the run began, NEVER where the moment did not come.
 *
 *     line              line of the trace that it came from, 1-based
 *     arrivalNs         offered to the router
 *     routedNs          left the router's queue for a worker
 *     firstAdmitNs      first entered a worker's batch
 *     firstTokenNs      first, second and last output token
 *     terminalNs        completed or rejected, or the moment at which its client left
 *     inputTokens       prompt length
 *     requestedTokens   output length that the trace asks for
 *     outputTokens      output tokens that its client got
 *     unreadTokens      those that came out after it had left; no column where nobody leaves
 *     reusedTokens      most prompt tokens found in the prefix cache over all admissions
 *     firstReusedTokens the same at the first admission
 *     prefilledTokens   prompt tokens computed for it, those computed again included
 *     lostTokens        tokens that its worker had held when it joined the queue, or when it was
 *                       preempted, and had evicted when it came in: computed again
 *     admissions        times it entered a batch (preemption makes it more than 1)
 *     worker            target that served it (worker · ranks + rank), −1 = none
 *     overlapBlocks     device blocks that the router believed the chosen worker to hold, −1 = unknown
 *     bestOverlapBlocks the most that it believed of any worker, −1 = unknown
 *     session, turn     session row (−1 = none) and 0-based turn in it
 *     priority, strictPriority   router hints
 *     dueNs             when it would have been offered without a cap; no column without one
 *     warmup            1 = flown to warm up, in no statistic
 *     tenant            row in tenantNames, −1 = nobody is named
 *     policyClass       row in policyClassNames, −1 = the trace asks for none
 *     routing           row in routings, −1 = it asks nothing of the router
 *     task              Task: what is asked of the prompt
 *     cancelAfterNs, cancelAfterTokens   its client leaves so long after the arrival, or with that
 *                       token; 0 = never. These and the next two: no column where nobody does
 *     firstTokenTimeoutNs, timeoutNs     how long its client waits for the first and the last token
 *     attempt           attempts of the same request before this one; no column where nobody retries
 *     firstAttempt      row of the first attempt of a later one, + 1; 0 = it is the first
 *     status            RequestStatus
 *     rejection         outcome of the router (core/router/decisions.ts) that turned it away; 0 where
 *                       none did: a rejected request did not fit into its worker
 */
export class RequestTable {
  count = 0;
  /**
   * What each request takes outside the engines, its text to be tokenised, its tokens to be sent: part
   * of TTFT and E2E as clients see them, and of no moment above.
   */
  frontendNs: Ns = 0;
  line = new Int32Array(16);
  arrivalNs = new Float64Array(16);
  routedNs = new Float64Array(16);
  firstAdmitNs = new Float64Array(16);
  firstTokenNs = new Float64Array(16);
  secondTokenNs = new Float64Array(16);
  lastTokenNs = new Float64Array(16);
  terminalNs = new Float64Array(16);
  inputTokens = new Int32Array(16);
  requestedTokens = new Int32Array(16);
  outputTokens = new Int32Array(16);
  reusedTokens = new Int32Array(16);
  firstReusedTokens = new Int32Array(16);
  prefilledTokens = new Int32Array(16);
  lostTokens = new Int32Array(16);
  admissions = new Int32Array(16);
  worker = new Int32Array(16);
  overlapBlocks = new Int32Array(16);
  bestOverlapBlocks = new Int32Array(16);
  session = new Int32Array(16);
  turn = new Int32Array(16);
  priority = new Float64Array(16);
  strictPriority = new Float64Array(16);
  dueNs = new Float64Array(0);
  warmup = new Uint8Array(16);
  tenant = new Int32Array(16);
  policyClass = new Int32Array(16);
  routing = new Int32Array(16);
  task = new Uint8Array(16);
  unreadTokens = new Int32Array(0);
  cancelAfterNs = new Float64Array(0);
  cancelAfterTokens = new Int32Array(0);
  firstTokenTimeoutNs = new Float64Array(0);
  timeoutNs = new Float64Array(0);
  attempt = new Int32Array(0);
  firstAttempt = new Int32Array(0);
  status = new Uint8Array(16);
  rejection = new Uint8Array(16);
  /** Names of the sessions, by session row. */
  readonly sessionNames: string[] = [];
  /** Names of the tenants and of the policy classes, in the order in which requests name them. */
  readonly tenantNames: string[] = [];
  readonly policyClassNames: string[] = [];
  /** What requests ask of the router, in the order in which they first ask for it. */
  readonly routings: TraceRouting[] = [];
  /** Images and the like that come with a request, by row; most have none. */
  readonly media: Map<number, TraceMedia> = new Map();

  /** Makes room for rows up to `rows` − 1, so that the columns need not grow again and again. */
  reserve(rows: number): void {
    if (rows > this.line.length) this.#grow(rows);
  }

  /** Appends a row in which nothing has happened yet, and returns it. */
  append(line: number, inputTokens: number, requestedTokens: number): number {
    const row = this.count++;
    if (row >= this.line.length) this.#grow(row + 1);
    this.line[row] = line;
    this.#forgetWhatHappened(row);
    this.inputTokens[row] = inputTokens;
    this.requestedTokens[row] = requestedTokens;
    this.overlapBlocks[row] = -1;
    this.bestOverlapBlocks[row] = -1;
    this.session[row] = -1;
    this.routing[row] = -1;
    this.tenant[row] = -1;
    this.policyClass[row] = -1;
    return row;
  }

  /** Gives the row of a request that is over, and that nobody will ask about, to another one. */
  reopen(row: number, inputTokens: number, requestedTokens: number): void {
    this.#forgetWhatHappened(row);
    this.inputTokens[row] = inputTokens;
    this.requestedTokens[row] = requestedTokens;
    this.outputTokens[row] = 0;
    this.reusedTokens[row] = 0;
    this.firstReusedTokens[row] = 0;
    this.prefilledTokens[row] = 0;
    this.lostTokens[row] = 0;
    this.admissions[row] = 0;
    this.priority[row] = 0;
    this.strictPriority[row] = 0;
    this.task[row] = Task.generate;
    this.status[row] = RequestStatus.pending;
    this.rejection[row] = 0;
    if (row < this.unreadTokens.length) this.unreadTokens[row] = 0;
  }

  /** Appends a row that asks for what another asks for, of which nothing has happened yet. */
  appendCopy(of: number): number {
    const row = this.append(this.line[of]!, this.inputTokens[of]!, this.requestedTokens[of]!);
    this.session[row] = this.session[of]!;
    this.turn[row] = this.turn[of]!;
    this.priority[row] = this.priority[of]!;
    this.strictPriority[row] = this.strictPriority[of]!;
    this.warmup[row] = this.warmup[of]!;
    this.tenant[row] = this.tenant[of]!;
    this.policyClass[row] = this.policyClass[of]!;
    this.routing[row] = this.routing[of]!;
    this.task[row] = this.task[of]!;
    const media = this.media.get(of);
    if (media !== undefined) this.media.set(row, media);
    this.cancelAfterNs = copyCell(this.cancelAfterNs, of, row);
    this.cancelAfterTokens = copyCell(this.cancelAfterTokens, of, row);
    this.firstTokenTimeoutNs = copyCell(this.firstTokenTimeoutNs, of, row);
    this.timeoutNs = copyCell(this.timeoutNs, of, row);
    return row;
  }

  #forgetWhatHappened(row: number): void {
    this.arrivalNs[row] = NEVER;
    this.routedNs[row] = NEVER;
    this.firstAdmitNs[row] = NEVER;
    this.firstTokenNs[row] = NEVER;
    this.secondTokenNs[row] = NEVER;
    this.lastTokenNs[row] = NEVER;
    this.terminalNs[row] = NEVER;
    this.worker[row] = -1;
  }

  #grow(rows: number): void {
    this.line = growColumn(this.line, rows);
    this.arrivalNs = growColumn(this.arrivalNs, rows);
    this.routedNs = growColumn(this.routedNs, rows);
    this.firstAdmitNs = growColumn(this.firstAdmitNs, rows);
    this.firstTokenNs = growColumn(this.firstTokenNs, rows);
    this.secondTokenNs = growColumn(this.secondTokenNs, rows);
    this.lastTokenNs = growColumn(this.lastTokenNs, rows);
    this.terminalNs = growColumn(this.terminalNs, rows);
    this.inputTokens = growColumn(this.inputTokens, rows);
    this.requestedTokens = growColumn(this.requestedTokens, rows);
    this.outputTokens = growColumn(this.outputTokens, rows);
    this.reusedTokens = growColumn(this.reusedTokens, rows);
    this.firstReusedTokens = growColumn(this.firstReusedTokens, rows);
    this.prefilledTokens = growColumn(this.prefilledTokens, rows);
    this.lostTokens = growColumn(this.lostTokens, rows);
    this.admissions = growColumn(this.admissions, rows);
    this.worker = growColumn(this.worker, rows);
    this.overlapBlocks = growColumn(this.overlapBlocks, rows);
    this.bestOverlapBlocks = growColumn(this.bestOverlapBlocks, rows);
    this.session = growColumn(this.session, rows);
    this.turn = growColumn(this.turn, rows);
    this.priority = growColumn(this.priority, rows);
    this.strictPriority = growColumn(this.strictPriority, rows);
    this.warmup = growColumn(this.warmup, rows);
    this.tenant = growColumn(this.tenant, rows);
    this.policyClass = growColumn(this.policyClass, rows);
    this.routing = growColumn(this.routing, rows);
    this.task = growColumn(this.task, rows);
    this.status = growColumn(this.status, rows);
    this.rejection = growColumn(this.rejection, rows);
  }
}

/** The column with the value of one row at another; a column that has none there stays as it is. */
function copyCell<Kind extends Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer>>(
  column: Kind,
  from: number,
  to: number,
): Kind {
  const value = column[from] ?? 0;
  if (value === 0) return column;
  const grown = growColumn(column, to + 1);
  grown[to] = value;
  return grown;
}
