import type { GoldenRow } from '../golden.ts';
import { byArrival, type OurRow } from '../rows.ts';
import { type Check, checkClose, checkSame } from './check.ts';
import { Relabelling } from './relabelling.ts';

export interface RowsVerdict {
  readonly compared: number;
  /** The differences, in the order of the requests. */
  readonly differences: readonly Check[];
}

/** What the peer leaves out of a row when the moment did not come. */
const MOMENTS = new Set(['first_token_ms', 'last_token_ms', 'ttft_ms', 'ttst_ms', 'itl_ms']);

/** By field: how workers of ours are called there, where their numbers may be exchanged. */
type Labels = Readonly<Record<string, Relabelling>>;

interface Route {
  readonly [field: string]: unknown;
}

interface Admission {
  readonly at_ms: number;
  readonly reused_input_tokens: number;
  readonly is_readmission: boolean;
}

/**
 * Judges a run request by request: every field that both sides print. Ours must have as many rows.
 * With `permuted` worker numbers may be exchanged among each other.
 */
export function judgeRows(
  theirs: readonly GoldenRow[],
  ours: readonly OurRow[],
  permuted: boolean,
): RowsVerdict {
  const differences: Check[] = [];
  if (theirs.length !== ours.length) {
    differences.push(checkSame('requests that ended', theirs.length, ours.length));
    return { compared: 1, differences };
  }
  const labels = permuted
    ? { prefill_worker_idx: new Relabelling(), decode_worker_idx: new Relabelling() }
    : {};
  const sessions = new Set(ours.map((row) => row.session_id));
  const goldens = theirs.map((row) => flatten(withoutInvented(row, sessions)));
  let compared = 0;
  for (const [index, golden] of goldens.sort(byArrival).entries()) {
    const checks = judgeRow(`request ${index}`, golden, ours[index]!, labels);
    compared += checks.length;
    differences.push(...checks.filter((check) => !check.ok));
  }
  return { compared, differences };
}

/** The peer makes a session of a request that has none, in closed loops and beside sessions. */
function withoutInvented(row: GoldenRow, sessions: ReadonlySet<unknown>): GoldenRow {
  const name = row.session_id;
  if (sessions.has(name) || !/^request_\d+$/.test(String(name))) return row;
  return { ...row, session_id: undefined, turn_index: undefined };
}

/** The row with its first route, to the prefill pool where there is one, and with what its admissions say about the first of them. */
function flatten(row: GoldenRow): Readonly<Record<string, unknown>> {
  const flat: Record<string, unknown> = { ...row };
  const routes = (row.routes as readonly Route[] | undefined) ?? [];
  const route = routes.find(({ pool }) => pool === 'prefill') ?? routes[0];
  Object.assign(flat, route);
  const admissions = row.admissions as readonly Admission[] | undefined;
  if (admissions !== undefined && admissions.length > 0) {
    flat.first_admit_ms = admissions[0]!.at_ms;
    flat.first_reused_input_tokens = admissions[0]!.reused_input_tokens;
    flat.reused_input_tokens = Math.max(...admissions.map((a) => a.reused_input_tokens));
    flat.admission_count = admissions.length;
    flat.readmission_count = admissions.filter((a) => a.is_readmission).length;
  }
  return flat;
}

function judgeRow(
  place: string,
  theirs: Readonly<Record<string, unknown>>,
  ours: OurRow,
  labels: Labels,
): Check[] {
  const checks: Check[] = [];
  for (const [field, mine] of Object.entries(ours)) {
    const value = theirs[field];
    const metric = `${place} ${field}`;
    const label = labels[field];
    if (label !== undefined && typeof value === 'number') {
      const ok = label.matches(value, Number(mine));
      checks.push({ metric, theirs: value, ours: mine, allowed: 'permutation', ok });
    } else if (typeof value === 'number' && field.endsWith('_ms')) {
      checks.push(checkClose(metric, value, mine));
    } else if (typeof value === 'number' || typeof value === 'string') {
      checks.push(checkSame(metric, value, mine));
    } else if (MOMENTS.has(field) && isComplete(theirs) && mine !== undefined) {
      checks.push(checkSame(metric, undefined, mine));
    }
  }
  return checks;
}

/** Of a whole row of the peer; a recorded table has only some columns. */
function isComplete(row: Readonly<Record<string, unknown>>): boolean {
  return 'terminal_status' in row;
}
