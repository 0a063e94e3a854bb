import { NS_PER_MS, type Ns } from '#core/base/time.ts';
import { NEVER, RequestStatus, type RequestTable } from '../../workload/request-table.ts';
import type { RunResult } from '../run-result.ts';
import type { Finding } from './evidence.ts';

/** Slices of the time from the first arrival to the last. */
const SLICES = 40;
/** All three bounds must be reached in a slice. */
const ATTEMPTS = 10;
const RETRY_SHARE = 0.5;
const FAILED_SHARE = 0.5;

/** What arrived in each slice of time. */
interface Slices {
  readonly attempts: Int32Array;
  readonly retries: Int32Array;
  /** Attempts that were rejected or timed out. */
  readonly failed: Int32Array;
}

/**
 * Retry storm: the time from the first arrival to the last is cut into 40 slices; in a storm at least
 * 10 attempts arrive in one, half of them retries, and half of them fail in their turn, so that the
 * cluster is kept busy by what it could not serve before. A case is a retry that arrives in a storm.
 */
export function findRetryStorm({ requests }: RunResult): Finding | undefined {
  if (requests.attempt.length === 0) return undefined;
  const { firstNs, spanNs } = arrivalSpan(requests);
  if (spanNs <= 0) return undefined;
  const { attempts, retries, failed } = countSlices(requests, firstNs, spanNs);
  let count = 0;
  let worst = -1;
  for (let slice = 0; slice < SLICES; slice++) {
    const all = attempts[slice]!;
    if (all < ATTEMPTS || retries[slice]! < all * RETRY_SHARE) continue;
    if (failed[slice]! < all * FAILED_SHARE) continue;
    count += retries[slice]!;
    if (worst < 0 || retries[slice]! * attempts[worst]! > retries[worst]! * all) worst = slice;
  }
  if (worst < 0) return undefined;
  const atMs = (slice: number): number => (firstNs + (spanNs * slice) / SLICES) / NS_PER_MS;
  return {
    count,
    evidence: {
      threshold: { attempts: ATTEMPTS, retry_share: RETRY_SHARE, failed_share: FAILED_SHARE },
      worst: {
        from_ms: atMs(worst),
        to_ms: atMs(worst + 1),
        attempts: attempts[worst]!,
        retry_share: retries[worst]! / attempts[worst]!,
        failed_share: failed[worst]! / attempts[worst]!,
      },
    },
  };
}

function arrivalSpan({ count, arrivalNs }: RequestTable): { firstNs: Ns; spanNs: Ns } {
  let firstNs = Number.POSITIVE_INFINITY;
  let lastNs = 0;
  for (let row = 0; row < count; row++) {
    if (arrivalNs[row] === NEVER) continue;
    firstNs = Math.min(firstNs, arrivalNs[row]!);
    lastNs = Math.max(lastNs, arrivalNs[row]!);
  }
  return { firstNs, spanNs: lastNs - firstNs };
}

function countSlices(requests: RequestTable, firstNs: Ns, spanNs: Ns): Slices {
  const { count, arrivalNs, attempt, status } = requests;
  const slices: Slices = {
    attempts: new Int32Array(SLICES),
    retries: new Int32Array(SLICES),
    failed: new Int32Array(SLICES),
  };
  for (let row = 0; row < count; row++) {
    if (arrivalNs[row] === NEVER) continue;
    const place = Math.floor(((arrivalNs[row]! - firstNs) / spanNs) * SLICES);
    const slice = Math.min(SLICES - 1, place);
    slices.attempts[slice]!++;
    if (attempt[row]! > 0) slices.retries[slice]!++;
    const end = status[row];
    if (end === RequestStatus.rejected || end === RequestStatus.timedOut) slices.failed[slice]!++;
  }
  return slices;
}
