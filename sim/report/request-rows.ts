import { NS_PER_MS } from '#core/base/time.ts';
import { NEVER, RequestStatus, type RequestTable } from '../workload/request-table.ts';
import { e2eMs, queueMs, tpotMs, ttftMs } from './latency.ts';
import { rejectionOf } from './rejections.ts';

const STATUS_NAMES: Readonly<Record<number, string>> = {
  [RequestStatus.pending]: 'pending',
  [RequestStatus.queued]: 'queued',
  [RequestStatus.running]: 'running',
  [RequestStatus.completed]: 'completed',
  [RequestStatus.rejected]: 'rejected',
};

/** One request as it is written to `requests.jsonl`; a moment that did not come is absent. */
export type RequestRow = Readonly<Record<string, string | number>>;

/** Row `row` of the table: identity, moments, latencies, lengths, cache and routing. */
export function requestRow(table: RequestTable, row: number): RequestRow {
  const fields: Record<string, string | number | undefined> = {
    request: row,
    trace_line: table.line[row]!,
    session_id: table.sessionNames[table.session[row]!],
    turn: table.session[row]! < 0 ? undefined : table.turn[row]!,
    tenant: table.tenantNames[table.tenant[row]!],
    policy_class: table.policyClassNames[table.policyClass[row]!],
    warmup: table.warmup[row] === 1 ? 1 : undefined,
    status: STATUS_NAMES[table.status[row]!],
    rejection: rejectionOf(table, row),
    ...moments(table, row),
    queue_ms: known(queueMs(table, row)),
    ttft_ms: known(ttftMs(table, row)),
    tpot_ms: known(tpotMs(table, row)),
    e2e_ms: known(e2eMs(table, row)),
    input_tokens: table.inputTokens[row]!,
    requested_output_tokens: table.requestedTokens[row]!,
    output_tokens: table.outputTokens[row]!,
    reused_input_tokens: table.reusedTokens[row]!,
    first_admission_reused_input_tokens: table.firstReusedTokens[row]!,
    admissions: table.admissions[row]!,
    worker: atLeastZero(table.worker[row]!),
    router_overlap_blocks: atLeastZero(table.overlapBlocks[row]!),
    router_best_overlap_blocks: atLeastZero(table.bestOverlapBlocks[row]!),
  };
  const present = Object.entries(fields).filter((entry): entry is [string, string | number] => {
    return entry[1] !== undefined;
  });
  return Object.fromEntries(present);
}

/**
 * One line of JSON a request that arrived, in the order of the table, without holding them all.
 * Those that the end of the simulated time came before are no part of the run.
 */
export function* requestLines(table: RequestTable): Generator<string> {
  for (let row = 0; row < table.count; row++) {
    if (table.arrivalNs[row] === NEVER) continue;
    yield `${JSON.stringify(requestRow(table, row))}\n`;
  }
}

function moments(table: RequestTable, row: number): Record<string, number | undefined> {
  return {
    due_ms: moment(table.dueNs[row] ?? NEVER),
    arrival_ms: moment(table.arrivalNs[row]!),
    routed_ms: moment(table.routedNs[row]!),
    first_admit_ms: moment(table.firstAdmitNs[row]!),
    first_token_ms: moment(table.firstTokenNs[row]!),
    second_token_ms: moment(table.secondTokenNs[row]!),
    last_token_ms: moment(table.lastTokenNs[row]!),
    terminal_ms: moment(table.terminalNs[row]!),
  };
}

function moment(ns: number): number | undefined {
  return ns === NEVER ? undefined : ns / NS_PER_MS;
}

function known(ms: number): number | undefined {
  return Number.isNaN(ms) ? undefined : ms;
}

function atLeastZero(value: number): number | undefined {
  return value < 0 ? undefined : value;
}
