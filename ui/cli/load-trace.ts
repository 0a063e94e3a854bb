import { argv, stderr } from 'node:process';
import { InputError } from '#core/base/errors.ts';
import { encodePoolOf, schedulersOf } from '#core/config/pools.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import { readTraceFile } from '#traces/files.ts';
import type { LoadedTrace } from '#traces/loaded-trace.ts';
import { refuseIdleSettings } from './idle-settings.ts';
import { isJournal, readJournalAsTrace } from './journal/journal-as-trace.ts';
import { checkMemory } from './memory.ts';
import { isRecording, readRecordingAsTrace } from './recording/recording-as-trace.ts';
import { mendedCommand } from './repeat-command.ts';
import { refuseUnserved } from './unserved.ts';

/** The key that a trace may answer by itself. */
export const TRACE_BLOCK_KEY = 'workload.trace_block_size';

/** Requests under way in the command that is proposed for a trace without times. */
const PROPOSED_CONCURRENCY = 8;

/** Keys that mean nothing in a closed loop, and the flags that write them. */
const OPEN_LOOP_KEYS = [
  'workload.arrivals',
  'workload.arrival_speedup_ratio',
  'workload.arrival_jitter',
];
const OPEN_LOOP_FLAGS = ['--arrival-speedup-ratio', '--max-concurrency'];

/**
 * Reads the trace that a config asks for, or the requests of a journal or recording, only what the run will use of it, and says on stderr what
 * the reader dropped or decided. The blocks of the trace are those of the config only where the user
 * wrote them (`blocksWritten`); else they are what the trace states, which `withBlocksOf` takes over.
 */
export async function loadTrace(
  path: string,
  config: ResolvedConfig,
  blocksWritten: boolean,
): Promise<LoadedTrace> {
  const { workload } = config;
  // What no trace makes smaller need not wait for one to be read.
  checkMemory({ workers: schedulersOf(config), requests: 0 });
  const read = readerOf(path);
  const trace = await read(path, {
    format: workload.trace_format,
    traceBlockSize: blocksWritten ? workload.trace_block_size : undefined,
    ...(workload.num_requests === undefined ? {} : { limit: workload.num_requests }),
    requireTimestamps: workload.concurrency === undefined && workload.arrivals === 'trace',
  }).catch((error: unknown) => {
    throw withProposal(error);
  });
  refuseUnfit(trace, config);
  for (const note of notesOn(trace, config)) stderr.write(`note: ${note}\n`);
  return trace;
}

/** Journals and recordings are told by how they begin, traces by what the user says or they are. */
function readerOf(path: string): typeof readTraceFile {
  if (isJournal(path)) return readJournalAsTrace;
  return isRecording(path) ? readRecordingAsTrace : readTraceFile;
}

/** Refuses what only trace and config together show to be idle, or to serve nobody. */
export function refuseUnfit(trace: LoadedTrace, config: ResolvedConfig): void {
  refuseIdleSettings(trace, config);
  refuseUnserved(trace, config);
}

/** The config of a run of the trace: with the blocks that the trace has. */
export function withBlocksOf(
  { traceBlockSize }: Pick<LoadedTrace, 'traceBlockSize'>,
  config: ResolvedConfig,
): ResolvedConfig {
  const { workload } = config;
  if (workload.trace_block_size === traceBlockSize) return config;
  return { ...config, workload: { ...workload, trace_block_size: traceBlockSize } };
}

/** What the user should know of the trace, as the config reads it. */
function notesOn(trace: LoadedTrace, config: ResolvedConfig): string[] {
  const { requests } = trace;
  const { num_requests: asked = requests } = config.workload;
  const notes = [...trace.notes, ...mediaNotes(trace, config)];
  if (asked <= requests) return notes;
  return [
    ...notes,
    `the trace has fewer requests (${count(requests)}) than workload.num_requests asks for (${count(asked)})`,
  ];
}

const count = (value: number): string => value.toLocaleString('en-US');

/** Images and the like that nobody encodes, or encoders that nobody comes to. */
function mediaNotes({ batches }: LoadedTrace, config: ResolvedConfig): string[] {
  let withItems = 0;
  for (const { media } of batches) for (const items of media) if (items !== undefined) withItems++;
  const encodes = encodePoolOf(config) !== undefined;
  if (encodes && withItems === 0) {
    return ['no request of the trace has items (mm_hashes), and the pool that encodes has no work'];
  }
  if (encodes || withItems === 0) return [];
  return [
    `the items of ${count(withItems)} requests (mm_hashes) are taken as encoded elsewhere: no pool has the role encode`,
  ];
}

/** A trace without times of arrival is told with the command that flies it all the same. */
function withProposal(error: unknown): unknown {
  if (!(error instanceof InputError) || error.code !== 'trace_untimed') return error;
  // Where the block size does not fit either, the error says which one does.
  const { allowed: blocks } = error.data;
  const added = ['--concurrency', String(PROPOSED_CONCURRENCY)];
  if (typeof blocks === 'string') added.push('--trace-block-size', blocks);
  const flags = [...OPEN_LOOP_FLAGS, ...(blocks === undefined ? [] : ['--trace-block-size'])];
  const keys = [...OPEN_LOOP_KEYS, ...(blocks === undefined ? [] : [TRACE_BLOCK_KEY])];
  const command = mendedCommand(argv.slice(2), { flags, keys }, added);
  error.message += `; for example:\n  ${command}`;
  return error;
}
