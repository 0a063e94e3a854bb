import { InputError } from '#core/base/errors.ts';
import type { LinePlace } from './fields.ts';

/**
 * The block size of a trace that states its own. A user's choice, where there is one, must agree:
 * the file cannot be read in other blocks.
 */
export function resolveBlockSize(
  stated: number,
  chosen: number | undefined,
  path: string,
  place: LinePlace,
): number {
  if (chosen === undefined || chosen === stated) return stated;
  throw new InputError('trace_invalid', `the trace states blocks of ${stated} tokens`, {
    ...place,
    path,
    received: `a trace block size of ${chosen}`,
    allowed: String(stated),
    remedy: `leave workload.trace_block_size (--trace-block-size) out, or set it to ${stated}`,
  });
}
