import type { IncomingMessage } from 'node:http';
import { badRequest } from './problem.ts';

/** The rank that a request names, checked; absent where it names none. */
export function rankOf(request: IncomingMessage, ranks: number): number | undefined {
  const header = request.headers['x-data-parallel-rank'];
  if (typeof header !== 'string') return undefined;
  const rank = Number(header);
  if (/^\d+$/.test(header) && rank < ranks) return rank;
  throw badRequest(`data_parallel_rank ${header} is out of range [0, ${ranks}).`);
}
