import { NEVER, RequestStatus, type RequestTable } from '#sim/workload/request-table.ts';
import { type Check, checkSame } from './check.ts';

/**
 * Judges a case in which the peer gives up or never ends. Ours has come to an end when this is
 * asked; every request that arrived must have been completed or rejected.
 */
export function judgeDefect(requests: RequestTable): Check[] {
  let arrived = 0;
  let ended = 0;
  for (let row = 0; row < requests.count; row++) {
    if (requests.arrivalNs[row] === NEVER) continue;
    arrived++;
    const status = requests.status[row];
    if (status === RequestStatus.completed || status === RequestStatus.rejected) ended++;
  }
  return [checkSame('requests that completed or were rejected', arrived, ended)];
}
