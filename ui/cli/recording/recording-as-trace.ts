import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { InputError } from '#core/base/errors.ts';
import { recordedBatch } from '#sim/calibrate/fly-recorded.ts';
import { isEngineRecording } from '#sim/calibrate/read-engine-records.ts';
import type { TraceReadOptions } from '#traces/collector.ts';
import type { LoadedTrace } from '#traces/loaded-trace.ts';
import { readRun } from '../calibrate/evidence.ts';
import { headOf } from '../journal/journal-as-trace.ts';

/** A header of settings, load and counters is no longer than this. */
const HEAD_BYTES = 64 * 1024;

/** Whether a file is a recording: a header with the server's settings, then a request a line. */
export function isRecording(path: string): boolean {
  const [first = ''] = headOf(path, HEAD_BYTES).toString('utf8').split('\n', 1);
  if (!first.includes('"settings"')) return false;
  try {
    return isEngineRecording(JSON.parse(first));
  } catch {
    return false;
  }
}

/**
 * The requests of a recording as a trace: sent when they were, as long as they were, with the heads
 * that they shared. Its blocks are those of its server; a size that the user wrote and that is
 * another one is refused.
 */
export async function readRecordingAsTrace(
  path: string,
  { traceBlockSize: written, limit }: TraceReadOptions,
): Promise<LoadedTrace> {
  const run = readRun(path);
  const traceBlockSize = run.server.blockSize!;
  if (written !== undefined && written !== traceBlockSize) {
    throw new InputError('config_invalid', 'the blocks of the recording have another size', {
      file: path,
      path: 'workload.trace_block_size',
      received: written,
      allowed: String(traceBlockSize),
      remedy: 'leave it out',
    });
  }
  const { closedLoop } = run;
  const records = run.records.slice(0, limit);
  const apart = closedLoop ? '; sent one after the other, so that stretches are flown apart' : '';
  return {
    path,
    format: 'mooncake',
    sha256: createHash('sha256').update(readFileSync(path)).digest('hex'),
    requests: records.length,
    batches: [recordedBatch({ records, closedLoop }, traceBlockSize)],
    hasContent: true,
    resendsOutput: false,
    sessions: 0,
    traceBlockSize,
    notes: [`a recording of ${records.length} requests${apart}`],
  };
}
