import { NS_PER_MS } from '#core/base/time.ts';
import { verdictName } from '#core/router/disaggregation/verdict.ts';
import { TRACE_TASKS } from '#traces/client.ts';
import type { EncodeTable } from '../cluster/encode/encode-table.ts';
import type { HandOffTable } from '../cluster/hand-off.ts';
import { firstAttemptOf } from '../workload/attempts.ts';
import { NEVER, RequestStatus, type RequestTable } from '../workload/request-table.ts';
import { arrivedRows } from './arrived-rows.ts';
import type { DataColumn, DataTable } from './data-table.ts';
import { e2eMs, type Latency, queueMs, tpotMs, ttftMs } from './latency.ts';
import { rejectionOf } from './rejections.ts';

const STATUS_NAMES: Readonly<Record<number, string>> = {
  [RequestStatus.pending]: 'pending',
  [RequestStatus.queued]: 'queued',
  [RequestStatus.running]: 'running',
  [RequestStatus.completed]: 'completed',
  [RequestStatus.rejected]: 'rejected',
  [RequestStatus.cancelled]: 'cancelled',
  [RequestStatus.timedOut]: 'timed_out',
};

/** How a request's status is written. */
export function statusName({ status }: RequestTable, row: number): string {
  return STATUS_NAMES[status[row]!]!;
}

/** One request as it is written to `requests.jsonl`; a moment that did not come is absent. */
export type RequestRow = Readonly<Record<string, string | number>>;

/** What is told of a request under one name; undefined where it has no such thing. */
interface RequestField {
  readonly name: string;
  readonly kind: DataColumn['kind'];
  readonly value: (table: RequestTable, row: number) => string | number | undefined;
}

/** Identity, moments, latencies, lengths, cache and routing, in the order in which they are written. */
const FIELDS: readonly RequestField[] = [
  field('request', 'int', (_, row) => row),
  count('trace_line', (table) => table.line),
  field('session_id', 'string', (table, row) => table.sessionNames[table.session[row]!]),
  field('turn', 'int', (table, row) => (table.session[row]! < 0 ? undefined : table.turn[row]!)),
  field('tenant', 'string', (table, row) => table.tenantNames[table.tenant[row]!]),
  field('policy_class', 'string', (table, row) => table.policyClassNames[table.policyClass[row]!]),
  field('warmup', 'int', (table, row) => (table.warmup[row] === 1 ? 1 : undefined)),
  field('status', 'string', statusName),
  field('rejection', 'string', rejectionOf),
  field('task', 'string', ({ task }, row) =>
    task[row] === 0 ? undefined : TRACE_TASKS[task[row]!],
  ),
  field('attempt', 'int', ({ attempt }, row) =>
    attempt.length === 0 ? undefined : (attempt[row] ?? 0) + 1,
  ),
  field('first_attempt', 'int', (table, row) =>
    table.attempt[row] ? firstAttemptOf(table, row) : undefined,
  ),
  moment('due_ms', (table) => table.dueNs),
  moment('arrival_ms', (table) => table.arrivalNs),
  moment('routed_ms', (table) => table.routedNs),
  moment('first_admit_ms', (table) => table.firstAdmitNs),
  moment('first_token_ms', (table) => table.firstTokenNs),
  moment('second_token_ms', (table) => table.secondTokenNs),
  moment('last_token_ms', (table) => table.lastTokenNs),
  moment('terminal_ms', (table) => table.terminalNs),
  latency('queue_ms', queueMs),
  latency('ttft_ms', ttftMs),
  latency('tpot_ms', tpotMs),
  latency('e2e_ms', e2eMs),
  count('input_tokens', (table) => table.inputTokens),
  count('requested_output_tokens', (table) => table.requestedTokens),
  count('output_tokens', (table) => table.outputTokens),
  field('unread_output_tokens', 'int', ({ unreadTokens }, row) => unreadTokens[row] || undefined),
  count('reused_input_tokens', (table) => table.reusedTokens),
  count('first_admission_reused_input_tokens', (table) => table.firstReusedTokens),
  count('prefilled_tokens', (table) => table.prefilledTokens),
  count('admissions', (table) => table.admissions),
  known('worker', (table) => table.worker),
  known('router_overlap_blocks', (table) => table.overlapBlocks),
  known('router_best_overlap_blocks', (table) => table.bestOverlapBlocks),
];

function field(name: string, kind: DataColumn['kind'], value: RequestField['value']): RequestField {
  return { name, kind, value };
}

function count(name: string, column: (table: RequestTable) => Int32Array): RequestField {
  return field(name, 'int', (table, row) => column(table)[row]!);
}

/** A column in which −1 says that nothing is known. */
function known(name: string, column: (table: RequestTable) => Int32Array): RequestField {
  return field(name, 'int', (table, row) => {
    const value = column(table)[row]!;
    return value < 0 ? undefined : value;
  });
}

function moment(name: string, column: (table: RequestTable) => Float64Array): RequestField {
  return field(name, 'double', (table, row) => {
    const ns = column(table)[row] ?? NEVER;
    return ns === NEVER ? undefined : ns / NS_PER_MS;
  });
}

function latency(name: string, measure: Latency): RequestField {
  return field(name, 'double', (table, row) => {
    const ms = measure(table, row);
    return Number.isNaN(ms) ? undefined : ms;
  });
}

/** What is told besides where prompts are computed apart from tokens, in place of `worker`. */
const HAND_OFF_FIELDS: readonly HandOffField[] = [
  {
    name: 'disaggregation',
    kind: 'string',
    value: (table, row) => {
      const verdict = table.verdictOf(row);
      return verdict < 0 ? undefined : verdictName(verdict);
    },
  },
  place('prefill_worker', (table) => table.prefillWorker),
  place('decode_worker', (table) => table.decodeWorker),
  step('source_held_ms', (table) => table.sourceHeldNs),
  step('decode_routed_ms', (table) => table.decodeRoutedNs),
  step('destination_reserved_ms', (table) => table.reservedNs),
  step('transfer_start_ms', (table) => table.transferNs),
  step('transfer_end_ms', (table) => table.transferredNs),
  step('destination_activated_ms', (table) => table.activatedNs),
  step('decode_admit_ms', (table) => table.decodeAdmitNs),
  step('source_released_ms', (table) => table.releasedNs),
  {
    name: 'transfer_bytes',
    kind: 'double',
    value: (table, row) => (table.transferNs[row] === NEVER ? undefined : table.transferBytes[row]),
  },
];

interface HandOffField {
  readonly name: string;
  readonly kind: DataColumn['kind'];
  readonly value: (table: HandOffTable, row: number) => string | number | undefined;
}

/** The number of a worker (target) in its pool. */
function place(name: string, column: (table: HandOffTable) => Int32Array): HandOffField {
  return {
    name,
    kind: 'int',
    value: (table, row) => (column(table)[row]! < 0 ? undefined : column(table)[row]),
  };
}

function step(name: string, column: (table: HandOffTable) => Float64Array): HandOffField {
  return {
    name,
    kind: 'double',
    value: (table, row) => {
      const ns = column(table)[row]!;
      return ns === NEVER ? undefined : ns / NS_PER_MS;
    },
  };
}

/** What is told besides where the items of requests are encoded. */
function encodeFields(table: EncodeTable | undefined): readonly TableField[] {
  if (table === undefined) return [];
  const told = (name: string, kind: DataColumn['kind'], value: TableField['value']): TableField => {
    return { name, kind, value: (row) => (table.has(row) ? value(row) : undefined) };
  };
  const at = (name: string, column: Float64Array): TableField =>
    told(name, 'double', (row) => (column[row] === NEVER ? undefined : column[row]! / NS_PER_MS));
  return [
    told('encode_worker', 'int', (row) => table.encoder[row]!),
    told('mm_items', 'int', (row) => table.items[row]!),
    told('mm_items_cached', 'int', (row) => table.cached[row]!),
    at('encode_start_ms', table.startNs),
    at('encode_end_ms', table.encodedNs),
    at('embeddings_ms', table.enteredNs),
  ];
}

/** The fields of a run, as functions of the row. */
function fieldsOf(
  table: RequestTable,
  handOffs: HandOffTable | undefined,
  encodes: EncodeTable | undefined,
): readonly TableField[] {
  const own = FIELDS.map(({ name, kind, value }) => {
    return { name, kind, value: (row: number) => value(table, row) };
  });
  const encoded = encodeFields(encodes);
  if (handOffs === undefined) return [...own, ...encoded];
  return [
    ...own.filter(({ name }) => name !== 'worker'),
    ...HAND_OFF_FIELDS.map(({ name, kind, value }) => {
      return { name, kind, value: (row: number) => value(handOffs, row) };
    }),
    ...encoded,
  ];
}

interface TableField {
  readonly name: string;
  readonly kind: DataColumn['kind'];
  readonly value: (row: number) => string | number | undefined;
}

/**
 * Row `row` of the table without the fields that have no value; with `handOffs`, how the request got
 * from a prefill worker to a decode worker.
 */
export function requestRow(
  table: RequestTable,
  row: number,
  handOffs?: HandOffTable,
  fields: readonly TableField[] = fieldsOf(table, handOffs, undefined),
): RequestRow {
  const present: [string, string | number][] = [];
  for (const { name, value } of fields) {
    const told = value(row);
    if (told !== undefined) present.push([name, told]);
  }
  return Object.fromEntries(present);
}

/**
 * One line of JSON a request that arrived, in the order of the table, without holding them all.
 * Those that the end of the simulated time came before are no part of the run.
 */
export function* requestLines(
  table: RequestTable,
  handOffs?: HandOffTable,
  encodes?: EncodeTable,
): Generator<string> {
  const fields = fieldsOf(table, handOffs, encodes);
  for (const row of arrivedRows(table)) {
    yield `${JSON.stringify(requestRow(table, row, handOffs, fields))}\n`;
  }
}

/** The requests that arrived as columns: every field, whether any of them has it or not. */
export function requestColumns(
  table: RequestTable,
  handOffs?: HandOffTable,
  encodes?: EncodeTable,
): DataTable {
  const rows = arrivedRows(table);
  return fieldsOf(table, handOffs, encodes).map(({ name, kind, value }) => {
    return { name, kind, values: Array.from(rows, value) };
  });
}
