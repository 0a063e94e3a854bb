import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { threadCpuUsage } from 'node:process';
import { gunzipSync } from 'node:zlib';
import { resolveConfig } from '#core/config/resolve.ts';
import { JournalVerifier, type Verification } from '#core/journal/verifier.ts';
import { openJournal } from '#sim/cluster/record-run.ts';
import { run as fly, type RunOptions } from '#sim/run.ts';
import type { TraceBatch } from '#traces/batch.ts';
import { JournalFile } from '#ui/cli/journal/journal-file.ts';
import { conversationPath, readConversation } from './support/conversation.ts';
import { judge, printTable } from './support/print.ts';
import { joinBatches, repeatTrace } from './support/repeated-trace.ts';
import { type Timing, timingOf } from './support/timing.ts';

const RUNS = 7;
const WARMUPS = 2;
const COST_MAX = 1.3;
const DECISIONS_PER_S_MIN = 200_000;
const PIECE_BYTES = 256 * 1024;
/** The long run: the trace one after the other, so that what a thread costs to start is little. */
const REPETITION = { copies: 8, spacingMs: 442_500, sliceMs: 60_000 };

interface Case {
  readonly name: string;
  readonly workers: number;
  readonly blockSize: number;
  readonly blocks: number;
  readonly batches: readonly TraceBatch[];
}

function optionsOf({ workers, blockSize, blocks, batches }: Case): RunOptions {
  const config = resolveConfig({
    version: 1,
    cluster: { workers },
    engine: { block_size: blockSize, num_gpu_blocks: blocks },
    router: { mode: 'kv_router' },
    workload: { arrival_speedup_ratio: 4 },
  });
  return { config, seed: 42, batches, hasContent: true, sessions: 0 };
}

/** Flies with a journal that goes to `sink`. */
function flyJournaled(options: RunOptions, sink: (chunk: Uint8Array<ArrayBuffer>) => void): void {
  fly({ ...options, journal: openJournal({ program: 'bench', config: options.config }, sink) });
}

/** Processor time of this thread, which what else runs on the machine does not lengthen much. */
function threadMs(body: () => void): number {
  const before = threadCpuUsage();
  body();
  const { user, system } = threadCpuUsage(before);
  return (user + system) / 1000;
}

/** The bodies in turns, each in its thread's time. */
function measureThread(bodies: readonly (() => void)[]): Timing[] {
  const runsMs: number[][] = bodies.map(() => []);
  for (let round = -WARMUPS; round < RUNS; round++) {
    for (const [index, body] of bodies.entries()) {
      const ms = threadMs(body);
      if (round >= 0) runsMs[index]?.push(ms);
    }
  }
  return runsMs.map(timingOf);
}

function verify(journal: Uint8Array): Verification {
  const verifier = new JournalVerifier('bench.journal.jsonl');
  for (let at = 0; at < journal.length; at += PIECE_BYTES) {
    verifier.push(journal.subarray(at, at + PIECE_BYTES));
  }
  return verifier.finish();
}

/** Wall time of a run, and of the same with a file that is whole at the end. */
async function measureFile(options: RunOptions, path: string): Promise<[Timing, Timing]> {
  const alone: number[] = [];
  const written: number[] = [];
  for (let round = 0; round < 4; round++) {
    const start = performance.now();
    fly(options);
    const between = performance.now();
    const file = new JournalFile(path);
    flyJournaled(options, file.write);
    await file.finish();
    if (round === 0) continue;
    alone.push(between - start);
    written.push(performance.now() - between);
  }
  return [timingOf(alone), timingOf(written)];
}

/** Writes and verifies journals: what a run pays for one, and how fast core flies it again. */
export async function run(): Promise<void> {
  const path = conversationPath();
  if (path === undefined) return;
  const { batches } = await readConversation(path);
  const long = [...repeatTrace(joinBatches(batches), REPETITION)];
  const cases: readonly Case[] = [
    { name: 'conversation, block 512', workers: 16, blockSize: 512, blocks: 2_048, batches },
    { name: 'conversation, block 64', workers: 16, blockSize: 64, blocks: 16_384, batches },
    { name: 'eight copies', workers: 16, blockSize: 512, blocks: 2_048, batches: long },
  ];
  const folder = mkdtempSync(join(tmpdir(), 'windtunnel-bench-'));
  try {
    for (const each of cases) await benchCase(each, join(folder, 'run.journal.jsonl.gz'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function benchCase(each: Case, path: string): Promise<void> {
  const options = optionsOf(each);
  const file = new JournalFile(path);
  flyJournaled(options, file.write);
  await file.finish();
  const zipped = readFileSync(path);
  const journal = gunzipSync(zipped);
  const found = verify(journal);
  if (found.difference !== undefined) throw new Error('core decides otherwise than the journal');
  const [alone, written, verified] = measureThread([
    () => fly(options),
    () => flyJournaled(options, () => undefined),
    () => verify(journal),
  ]) as [Timing, Timing, Timing];
  const [wallAlone, wallWritten] = await measureFile(options, path);
  console.log(`\n${each.name}: ${found.decisions} decisions, ${found.lines} lines`);
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`;
  console.log(`  ${megabytes(journal.length)}, ${megabytes(zipped.length)} compressed`);
  printTable(
    ['', 'best ms', 'median ms'],
    [
      ['run, its thread', ...cells(alone)],
      ['run with a journal, its thread', ...cells(written)],
      ['verify, its thread', ...cells(verified)],
      ['run, wall', ...cells(wallAlone)],
      ['run until the file is whole, wall', ...cells(wallWritten)],
    ],
  );
  judge('a journal costs, × the run', written.bestMs / alone.bestMs, 'most', COST_MAX);
  const rate = found.decisions / (verified.bestMs / 1000);
  judge('decisions verified per second', rate, 'least', DECISIONS_PER_S_MIN);
}

function cells({ bestMs, medianMs }: Timing): string[] {
  return [bestMs.toFixed(0), medianMs.toFixed(0)];
}
