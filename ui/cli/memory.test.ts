import { expect, test } from 'vitest';
import { WindtunnelError } from '#core/base/errors.ts';
import { checkMemory } from './memory.ts';

function refusal(size: { workers: number; requests: number }, heap: number, total: number) {
  try {
    checkMemory(size, { heapBytes: heap, totalBytes: total });
  } catch (error) {
    if (error instanceof WindtunnelError) return error;
  }
  return undefined;
}

test('what fits is let through', () => {
  expect(refusal({ workers: 100, requests: 1_000 }, 2e6, 4e6)).toBeUndefined();
});

test('what does not fit is refused with its numbers and what to lower', () => {
  const heap = refusal({ workers: 1_000_000, requests: 0 }, 4 * 2 ** 30, 1e12);
  expect([heap?.exitCode, heap?.code]).toEqual([3, 'resource_refused']);
  expect(heap?.message).toBe(
    '1,000,000 workers need about 14,305 MiB, and 4,096 MiB are free; ' +
      'lower cluster.workers, or the workers of a pool, or raise the limit: NODE_OPTIONS=--max-old-space-size=MIB',
  );
  const total = refusal({ workers: 4, requests: 10_000_000 }, 1e12, 2 ** 30);
  expect(total?.message).toContain('lower workload.num_requests');
});
