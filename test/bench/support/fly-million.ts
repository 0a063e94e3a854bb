import { argv, cpuUsage, resourceUsage, stdout } from 'node:process';
import { resolveConfig } from '#core/config/resolve.ts';
import { run } from '#sim/run.ts';
import { tuneEngine } from '#ui/cli/tune-engine.ts';
import { countCompleted } from './completed.ts';
import { conversationPath, readConversation } from './conversation.ts';
import { joinBatches, repeatTrace } from './repeated-trace.ts';

/**
 * The conversation trace lasts 3,540 s. A copy every 56.64 s lets 62.5 copies overlap at any time,
 * so that 1,000 workers get per worker what 16 workers get from one.
 */
const REPETITION = { copies: 84, spacingMs: 56_640, sliceMs: 4_000 };

/** What the measured process tells its parent, as one line of JSON. */
export interface MillionFigures {
  readonly requests: number;
  readonly completed: number;
  readonly wallS: number;
  /** Of all threads of the process, the collector's among them, while the simulation ran. */
  readonly cpuS: number;
  /** Of the whole life of the process. */
  readonly peakRssMb: number;
  readonly simulatedS: number;
}

/** Flies the first `limit` requests of the repeated trace and returns what it cost. */
async function flyMillion(path: string, limit: number): Promise<MillionFigures> {
  tuneEngine();
  const original = joinBatches((await readConversation(path)).batches);
  const config = resolveConfig({
    version: 1,
    cluster: { workers: 1_000 },
    engine: { block_size: 512, num_gpu_blocks: 2_048 },
    router: { mode: 'kv_router' },
    workload: { arrival_speedup_ratio: 4, num_requests: limit },
  });
  const batches = repeatTrace(original, REPETITION);
  const cpuBefore = cpuUsage();
  const start = performance.now();
  const result = run({ config, seed: 42, batches, hasContent: true, sessions: 0 });
  const wallS = (performance.now() - start) / 1e3;
  const { user, system } = cpuUsage(cpuBefore);
  return {
    requests: result.requests.count,
    completed: countCompleted(result.requests),
    wallS,
    cpuS: (user + system) / 1e6,
    peakRssMb: resourceUsage().maxRSS / 1024,
    simulatedS: result.simulatedNs / 1e9,
  };
}

if (import.meta.main) {
  const path = conversationPath();
  if (path !== undefined) {
    stdout.write(`${JSON.stringify(await flyMillion(path, Number(argv[2] ?? 1_000_000)))}\n`);
  }
}
