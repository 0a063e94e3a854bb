import type { IncomingHttpHeaders } from 'node:http';
import type { WorkerPin } from '#live/routing/route-ask.ts';
import { HttpFailure } from './http-failure.ts';
import type { Nvext } from './nvext.ts';

/** What a request asks of the router, by Dynamo's headers and `nvext`. */
export interface RequestHints {
  readonly pin?: WorkerPin;
  readonly prefillPin?: WorkerPin;
  /** Higher is sooner; undefined where nobody said. */
  readonly priority?: number;
  readonly strictPriority: number;
  readonly outputTokens: number;
  readonly policyClass?: string;
  readonly session?: string;
  readonly tenant?: string;
}

/** Names of tenants, sessions and classes are kept and counted by, so they are bounded. */
const MAX_NAME = 256;

/** Joins headers and extension; headers win. Throws the 400 of a header that says nothing. */
export function readHints(headers: IncomingHttpHeaders, nvext: Nvext): RequestHints {
  const worker = nameIn(headers, 'x-dynamo-worker-instance-id') ?? nvext.worker;
  const prefillWorker = nameIn(headers, 'x-dynamo-prefill-instance-id') ?? nvext.prefillWorker;
  const rank = numberIn(headers, 'x-dynamo-dp-rank', 0, 0xffff_ffff) ?? nvext.rank;
  const prefillRank =
    numberIn(headers, 'x-dynamo-prefill-dp-rank', 0, 0xffff_ffff) ?? nvext.prefillRank;
  const priority =
    numberIn(headers, 'x-dynamo-request-priority', -(2 ** 31), 2 ** 31) ?? nvext.priority;
  const strict = numberIn(headers, 'x-dynamo-request-strict-priority', 0, 0xffff_ffff);
  const policyClass = nameIn(headers, 'x-dynamo-meta-policy-class');
  const session = nameIn(headers, 'x-dynamo-session-id');
  const tenant = tenantIn(headers);
  return {
    ...(worker !== undefined && { pin: { worker, ...(rank !== undefined && { rank }) } }),
    ...(prefillWorker !== undefined && {
      prefillPin: {
        worker: prefillWorker,
        ...(prefillRank !== undefined && { rank: prefillRank }),
      },
    }),
    ...(priority !== undefined && { priority }),
    strictPriority: strict ?? nvext.strictPriority ?? 0,
    outputTokens: nvext.outputTokens ?? 0,
    ...(policyClass !== undefined && { policyClass }),
    ...(session !== undefined && { session }),
    ...(tenant !== undefined && { tenant }),
  };
}

/** The tenant that a request names. Throws the 400 of a header that says nothing. */
export function tenantIn(headers: IncomingHttpHeaders): string | undefined {
  return nameIn(headers, 'x-tenant-id');
}

function nameIn(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string' || value.length > MAX_NAME) {
    throw new HttpFailure(400, `${name}: longer than ${MAX_NAME} characters, or given twice`, {
      param: name,
    });
  }
  return value;
}

function numberIn(
  headers: IncomingHttpHeaders,
  name: string,
  least: number,
  most: number,
): number | undefined {
  const text = nameIn(headers, name);
  if (text === undefined) return undefined;
  const value = /^-?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value) || value < least || value > most) {
    throw new HttpFailure(400, `${name}: not a whole number from ${least} to ${most}`, {
      param: name,
    });
  }
  return value;
}
