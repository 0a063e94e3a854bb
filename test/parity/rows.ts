import type { HandOffTable } from '#sim/cluster/hand-off.ts';
import type { RunResult } from '#sim/report/run-result.ts';
import { NEVER, RequestStatus, type RequestTable } from '#sim/workload/request-table.ts';

/** One request as the peer's report lists it, as far as we record it. */
export type OurRow = Readonly<Record<string, number | string | undefined>>;

/** Fields by which simultaneous requests are told apart, the first difference first. */
const ORDER = [
  'arrival_time_ms',
  'input_length',
  'requested_output_length',
  'first_token_ms',
  'terminal_time_ms',
  'session_id',
  'turn_index',
];

/** The requests of a run that ended, in the order in which goldens list them. */
export function rowsOf({ requests, handOffs, pools }: RunResult): OurRow[] {
  const { firstTarget } = pools.at(-1)!;
  const rows: OurRow[] = [];
  for (let row = 0; row < requests.count; row++) {
    const status = requests.status[row];
    if (status !== RequestStatus.completed && status !== RequestStatus.rejected) continue;
    const own = rowOf(requests, row, firstTarget);
    rows.push(handOffs === undefined ? own : { ...own, ...handOffOf(handOffs, requests, row) });
  }
  return rows.sort(byArrival);
}

/** Compares two rows as goldens order them; a missing name is '', a missing number 0. */
export function byArrival(
  a: Readonly<Record<string, unknown>>,
  b: Readonly<Record<string, unknown>>,
): number {
  for (const key of ORDER) {
    const nothing = key === 'session_id' ? '' : 0;
    const left = (a[key] ?? nothing) as number | string;
    const right = (b[key] ?? nothing) as number | string;
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

const ms = (ns: number): number | undefined => (ns === NEVER ? undefined : ns / 1e6);

function gapMs(fromNs: number, toNs: number): number | undefined {
  return fromNs === NEVER || toNs === NEVER ? undefined : (toNs - fromNs) / 1e6;
}

function rowOf(table: RequestTable, row: number, firstTarget: number): OurRow {
  const arrival = table.arrivalNs[row]!;
  const first = table.firstTokenNs[row]!;
  const last = table.lastTokenNs[row]!;
  const gaps = table.outputTokens[row]! - 1;
  const session = table.session[row]!;
  const overlap = table.overlapBlocks[row]!;
  const best = table.bestOverlapBlocks[row]!;
  return {
    arrival_time_ms: ms(arrival),
    first_admit_ms: ms(table.firstAdmitNs[row]!),
    first_token_ms: ms(first),
    last_token_ms: ms(last),
    terminal_time_ms: ms(table.terminalNs[row]!),
    ttft_ms: gapMs(arrival, first),
    ttst_ms: gapMs(first, table.secondTokenNs[row]!),
    itl_ms: gaps > 0 ? gapMs(first, last)! / gaps : undefined,
    e2e_latency_ms: gapMs(arrival, last),
    input_length: table.inputTokens[row],
    requested_output_length: table.requestedTokens[row],
    output_length: table.outputTokens[row],
    reused_input_tokens: table.reusedTokens[row],
    first_reused_input_tokens: table.firstReusedTokens[row],
    decode_worker_idx: table.worker[row]! - firstTarget,
    session_id: session < 0 ? undefined : table.sessionNames[session],
    turn_index: session < 0 ? undefined : table.turn[row],
    admission_count: table.admissions[row],
    readmission_count: Math.max(0, table.admissions[row]! - 1),
    terminal_status: table.status[row] === RequestStatus.completed ? 'completed' : 'rejected',
    queue_wait_ms: gapMs(arrival, table.routedNs[row]!),
    selected_overlap_blocks: overlap,
    best_available_overlap_blocks: best,
    overlap_regret_blocks: best - overlap,
  };
}

/** What the peer tells of a request that went from a prefill worker to a decode worker. */
function handOffOf(table: HandOffTable, requests: RequestTable, row: number): OurRow {
  const first = table.order === 'source_first';
  const asked = first ? requests.arrivalNs[row]! : table.reservedNs[row]!;
  return {
    prefill_worker_idx: table.prefillWorker[row],
    prefill_admit_ms: ms(table.prefillAdmitNs[row]!),
    source_held_ms: ms(table.sourceHeldNs[row]!),
    destination_reserved_ms: ms(table.reservedNs[row]!),
    destination_activated_ms: ms(table.activatedNs[row]!),
    decode_admit_ms: ms(table.decodeAdmitNs[row]!),
    source_released_ms: ms(table.releasedNs[row]!),
    // The peer counts the way into each pool by itself.
    admission_count: requests.admissions[row]! + 1,
    queue_wait_ms: gapMs(asked, table.prefillRoutedNs[row]!),
  };
}
