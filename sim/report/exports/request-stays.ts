import { NS_PER_MS, type Ns } from '#core/base/time.ts';
import { HandOff, type HandOffTable } from '../../cluster/hand-off.ts';
import { NEVER, RequestStatus, type RequestTable } from '../../workload/request-table.ts';
import { statusName } from '../request-rows.ts';
import type { RunResult } from '../run-result.ts';

/** What a request did for a while on a worker. */
interface Part {
  readonly name: string;
  readonly fromNs: Ns;
  readonly toNs: Ns;
}

/** A request on one worker, from its routing on. */
export interface Stay {
  readonly row: number;
  /** The worker, among the targets of all pools. */
  readonly target: number;
  readonly fromNs: Ns;
  readonly toNs: Ns;
  /** Parts that took time, one after another. */
  readonly parts: readonly Part[];
  readonly args: Readonly<Record<string, string | number>>;
}

/**
 * Where a request was: on one worker, or on a prefill worker until that has let go of its prompt and
 * on a decode worker from the moment that it was chosen. Who was never routed was nowhere; what has
 * no end ends with the run.
 */
export function staysOf(result: RunResult, row: number, runEndNs: Ns): readonly Stay[] {
  const { requests, handOffs } = result;
  if (handOffs !== undefined && handOffs.state[row] !== HandOff.none) {
    return [
      prefillStay(result, handOffs, row, runEndNs),
      decodeStay(result, handOffs, row, runEndNs),
    ]
      .filter((stay) => stay !== undefined)
      .toSorted((a, b) => a.fromNs - b.fromNs);
  }
  if (requests.worker[row]! < 0 || requests.routedNs[row] === NEVER) return [];
  const endNs = orNs(requests.terminalNs[row]!, runEndNs);
  const admitNs = requests.firstAdmitNs[row]!;
  const firstTokenNs = requests.firstTokenNs[row]!;
  const fromNs = requests.routedNs[row]!;
  const parts = partsOf(endNs, [
    ['wait', fromNs],
    ['prefill', admitNs],
    ['decode', firstTokenNs],
  ]);
  const args = argsOf(requests, row, endNs);
  return [{ row, target: requests.worker[row]!, fromNs, toNs: endNs, parts, args }];
}

function prefillStay(
  { requests, pools }: RunResult,
  handOffs: HandOffTable,
  row: number,
  runEndNs: Ns,
): Stay | undefined {
  const own = handOffs.prefillWorker[row]!;
  if (own < 0) return undefined;
  const { firstTarget } = pools.find(({ role }) => role === 'prefill')!;
  const fromNs = handOffs.prefillRoutedNs[row]!;
  const endNs = orNs(requests.terminalNs[row]!, runEndNs);
  const held = handOffs.sourceHeldNs[row] !== NEVER;
  const toNs = held ? orNs(handOffs.releasedNs[row]!, runEndNs) : endNs;
  const parts = partsOf(toNs, [
    ['wait', fromNs],
    ['prefill', handOffs.prefillAdmitNs[row]!],
    ['hold', handOffs.sourceHeldNs[row]!],
  ]);
  const args = argsOf(requests, row, endNs);
  return { row, target: firstTarget + own, fromNs, toNs, parts, args };
}

function decodeStay(
  { requests }: RunResult,
  handOffs: HandOffTable,
  row: number,
  runEndNs: Ns,
): Stay | undefined {
  if (handOffs.decodeWorker[row]! < 0) return undefined;
  const fromNs = handOffs.decodeRoutedNs[row]!;
  const toNs = orNs(requests.terminalNs[row]!, runEndNs);
  const parts = partsOf(toNs, [
    ['reserve', fromNs],
    ['reserved', handOffs.reservedNs[row]!],
    ['transfer', handOffs.transferNs[row]!],
    ['activate', handOffs.transferredNs[row]!],
    ['decode', handOffs.activatedNs[row]!],
  ]);
  const bytes = handOffs.transferBytes[row]!;
  const args = { ...argsOf(requests, row, toNs), transfer_bytes: bytes };
  return { row, target: requests.worker[row]!, fromNs, toNs, parts, args };
}

/** Each lasts until the next that came, the last until the end; those that took no time are left out. */
function partsOf(endNs: Ns, starts: readonly (readonly [name: string, fromNs: Ns])[]): Part[] {
  const came = starts.filter(([, fromNs]) => fromNs !== NEVER);
  return came
    .map(([name, fromNs], index) => ({ name, fromNs, toNs: came[index + 1]?.[1] ?? endNs }))
    .filter(({ fromNs, toNs }) => toNs > fromNs);
}

function argsOf(requests: RequestTable, row: number, endNs: Ns): Stay['args'] {
  return {
    request: row,
    trace_line: requests.line[row]!,
    input_tokens: requests.inputTokens[row]!,
    output_tokens: requests.outputTokens[row]!,
    reused_input_tokens: requests.firstReusedTokens[row]!,
    admissions: requests.admissions[row]!,
    e2e_ms: (endNs - requests.arrivalNs[row]!) / NS_PER_MS,
    ...(requests.status[row]! >= RequestStatus.cancelled && { status: statusName(requests, row) }),
    ...(requests.attempt[row] && { attempt: requests.attempt[row]! + 1 }),
  };
}

function orNs(ns: Ns, otherwise: Ns): Ns {
  return ns === NEVER ? otherwise : ns;
}
