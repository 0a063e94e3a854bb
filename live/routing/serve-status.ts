import type { LiveRouter } from './live-router.ts';
import type { EngineEndpoint } from './route-ask.ts';
import type { RouterPool } from './router-pool.ts';

/** A rank of an engine, as the router sees it. */
export interface RankStatus {
  readonly rank: number;
  readonly available: boolean;
  /** Requests that were sent there and have not ended. */
  readonly active_requests: number;
  /** Prompt tokens of them that are not computed yet, and KV blocks that they use. */
  readonly prefill_tokens: number;
  readonly active_blocks: number;
  /** KV blocks that it holds, as its events say. */
  readonly cached_blocks: number;
}

export interface EngineStatus {
  readonly name: string;
  readonly backend: string;
  readonly role: string;
  readonly url: string;
  readonly worker: number;
  readonly ranks: readonly RankStatus[];
}

/** What `windtunnel status` shows. */
export interface ServeStatus {
  readonly uptime_s: number;
  readonly mode: string;
  readonly block_size: number;
  readonly engines: readonly EngineStatus[];
  /** Requests that somebody has to do with, those of them that wait in the router, sessions known. */
  readonly books: {
    readonly requests: number;
    readonly queued: number;
    readonly sessions: number;
    readonly forest_nodes: number;
  };
  readonly routed: number;
  readonly routed_after_waiting: number;
  readonly left_before_routed: number;
  readonly refused: Readonly<Record<string, number>>;
  /** Of the full blocks of prompts, the part that was cached where they went; null without any. */
  readonly hit_rate: number | null;
}

/** What the router knows at this moment. */
export function statusOf(router: LiveRouter, uptimeNs: number): ServeStatus {
  const { pools, counts, journeys, roster, blocks } = router;
  const { options } = pools[0]!;
  return {
    uptime_s: Math.round(uptimeNs / 1e6) / 1e3,
    mode: options.mode,
    block_size: options.blockSize,
    engines: roster.engines.map((engine) => engineStatus(router, engine)),
    books: {
      requests: journeys.count,
      queued: pools.reduce((sum, pool) => sum + pool.queued, 0),
      sessions: journeys.sessions,
      forest_nodes: blocks.forest.nodes,
    },
    routed: counts.routedLegs,
    routed_after_waiting: counts.queuedLegs,
    left_before_routed: counts.leftRequests,
    refused: counts.refusals,
    hit_rate: counts.promptBlocks === 0 ? null : counts.overlapBlocks / counts.promptBlocks,
  };
}

function engineStatus({ pools, blocks }: LiveRouter, engine: EngineEndpoint): EngineStatus {
  const { name, backend, role, url, worker, target, dpSize } = engine;
  const pool = pools.find((one) => one.role === role)!;
  const ranks = Array.from({ length: dpSize }, (_, rank) =>
    rankStatus(pool, target + rank, rank, blocks.isAvailable(target + rank)),
  );
  return { name, backend, role, url, worker, ranks };
}

function rankStatus(
  { router: { sequences, index } }: RouterPool,
  target: number,
  rank: number,
  available: boolean,
): RankStatus {
  return {
    rank,
    available,
    active_requests: sequences.activeRequests[target]!,
    prefill_tokens: sequences.activePrefillTokens[target]!,
    active_blocks: sequences.activeBlocks[target]!,
    cached_blocks: index.blocksOf(target),
  };
}
