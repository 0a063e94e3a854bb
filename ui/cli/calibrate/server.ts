import { kvBlocks as blocksOf, planMemory } from '#core/perf/memory/memory.ts';
import type { Deployment } from '#core/perf/pass/deployment.ts';
import type { RecordedServer } from '#sim/calibrate/fly-recorded.ts';
import type { RecordedRun } from '#sim/calibrate/recorded-run.ts';
import { serverDefaults } from '#sim/estimate/server-defaults.ts';

/** Settings of a server that flags may say, over what a recording says. */
export interface ServerFlags {
  readonly numGpuBlocks?: number;
  readonly blockSize?: number;
  readonly maxNumSeqs?: number;
  readonly maxNumBatchedTokens?: number;
}

/** What flags say; with a run and a deployment all that a flight needs, the engine's own where unsaid. */
export function serverOf(flags: ServerFlags): Partial<RecordedServer>;
export function serverOf(
  flags: ServerFlags,
  run: RecordedRun,
  deployment: Deployment,
): RecordedServer;
export function serverOf(
  { numGpuBlocks, blockSize, maxNumSeqs, maxNumBatchedTokens }: ServerFlags,
  run?: RecordedRun,
  deployment?: Deployment,
): Partial<RecordedServer> {
  const said = {
    ...(numGpuBlocks !== undefined && { kvBlocks: numGpuBlocks }),
    ...(blockSize !== undefined && { blockSize }),
    ...(maxNumSeqs !== undefined && { maxNumSeqs }),
    ...(maxNumBatchedTokens !== undefined && { maxBatchedTokens: maxNumBatchedTokens }),
  };
  if (run === undefined || deployment === undefined) return said;
  const server = {
    ...serverDefaults(deployment.engine, deployment.gpu),
    ...run.server,
    ...said,
  };
  if (server.kvBlocks !== undefined) return server;
  const plan = planMemory(deployment, {
    maxBatchedTokens: server.maxBatchedTokens,
    memoryFraction: server.memoryFraction,
  });
  return { ...server, kvBlocks: blocksOf(plan, server.blockSize) };
}
