import { totalmem } from 'node:os';
import { constrainedMemory, memoryUsage } from 'node:process';
import { getHeapStatistics } from 'node:v8';
import { ResourceError } from '#core/base/errors.ts';
import { formatCount } from '#sim/report/format.ts';

/**
 * Measured with 10,000 and 40,000 workers and no traffic: 14.2 kB of objects and up to 28 kB in all
 * for a worker; with 100,000 requests: 140 B of objects and 720 B in all for a request.
 */
const HEAP_BYTES_PER_WORKER = 15_000;
const BYTES_PER_WORKER = 28_000;
const HEAP_BYTES_PER_REQUEST = 160;
const BYTES_PER_REQUEST = 1_000;

const MEBIBYTE = 1 << 20;

/** What the simulation may still take, in bytes. */
export interface MemoryLimits {
  /** For objects, by the limit of the JavaScript engine. */
  readonly heapBytes: number;
  /** For everything, by the machine or the container. */
  readonly totalBytes: number;
}

/** What this process has left. */
export function memoryLimits(): MemoryLimits {
  const heap = getHeapStatistics();
  const constrained = constrainedMemory();
  const total = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return {
    heapBytes: heap.heap_size_limit - heap.used_heap_size,
    totalBytes: total - memoryUsage.rss(),
  };
}

/**
 * Refuses a simulation that is too large for this process before it is built: what runs out of
 * memory ends without a word. Throws `resource_refused`, exit code 3.
 */
export function checkMemory(
  { workers, requests }: { readonly workers: number; readonly requests: number },
  { heapBytes, totalBytes }: MemoryLimits = memoryLimits(),
): void {
  const heapNeeded = workers * HEAP_BYTES_PER_WORKER + requests * HEAP_BYTES_PER_REQUEST;
  const totalNeeded = workers * BYTES_PER_WORKER + requests * BYTES_PER_REQUEST;
  const heapShort = heapNeeded > heapBytes;
  if (!heapShort && totalNeeded <= totalBytes) return;
  const needed = heapShort ? heapNeeded : totalNeeded;
  const available = Math.max(heapShort ? heapBytes : totalBytes, 0);
  const lower =
    workers * BYTES_PER_WORKER > requests * BYTES_PER_REQUEST
      ? 'lower cluster.workers, or the workers of a pool'
      : 'lower workload.num_requests (--num-requests)';
  const remedy = heapShort
    ? `${lower}, or raise the limit: NODE_OPTIONS=--max-old-space-size=MIB`
    : lower;
  const traffic = requests === 0 ? '' : ` and ${formatCount(requests)} requests`;
  const size = `${formatCount(workers)} workers${traffic}`;
  throw new ResourceError(
    `${size} need about ${mebibytes(needed)} MiB, and ${mebibytes(available)} MiB are free; ${remedy}`,
    { workers, requests, needed_bytes: needed, available_bytes: available, remedy },
  );
}

function mebibytes(bytes: number): string {
  return formatCount(bytes / MEBIBYTE);
}
