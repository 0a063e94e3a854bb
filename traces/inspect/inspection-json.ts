import type { ArrivalAnalysis } from './arrivals.ts';
import type { Distribution } from './distribution.ts';
import type { TraceInspection } from './inspect-trace.ts';
import type { SessionAnalysis } from './sessions.ts';

/** A JSON-ready object; a key without data is absent. */
type JsonObject = Record<string, unknown>;

/** The inspection under the names that scripts rely on, version 1. */
export function inspectionJson(inspection: TraceInspection): JsonObject {
  const { trace, reuse, workingSet } = inspection;
  const json: JsonObject = {
    version: 1,
    trace: {
      path: trace.path,
      sha256: trace.sha256,
      format: trace.format,
      requests: trace.requests,
      trace_block_size: inspection.traceBlockSize,
    },
    input_tokens: distributionJson(inspection.inputTokens),
    output_tokens: distributionJson(inspection.outputTokens),
  };
  if (inspection.arrivals !== undefined) json.arrivals = arrivalsJson(inspection.arrivals);
  if (inspection.sessions !== undefined) json.sessions = sessionsJson(inspection.sessions);
  if (reuse !== undefined && reuse.totalBlocks > 0) {
    json.infinite_cache = {
      hit_blocks: reuse.hitBlocks,
      total_blocks: reuse.totalBlocks,
      hit_ratio: reuse.hitBlocks / reuse.totalBlocks,
      hit_tokens: reuse.hitTokens,
      total_tokens: reuse.totalTokens,
      token_hit_ratio: reuse.hitTokens / reuse.totalTokens,
      unique_blocks: reuse.uniqueBlocks,
    };
  }
  if (workingSet !== undefined) {
    json.working_set = workingSet.map(({ blocks, hitBlocks, hitRatio }) => ({
      blocks,
      hit_blocks: hitBlocks,
      hit_ratio: hitRatio,
    }));
  }
  const blocks = inspection.blocksFor90PercentOfCeiling;
  if (blocks !== undefined) json.blocks_for_90_percent_of_ceiling = blocks;
  return json;
}

function distributionJson(distribution: Distribution): JsonObject {
  return { ...distribution };
}

function arrivalsJson(arrivals: ArrivalAnalysis): JsonObject {
  return {
    n: arrivals.n,
    distinct_timestamps: arrivals.distinctTimestamps,
    span_ms: arrivals.spanMs,
    rate_rps: arrivals.rateRps,
    peak_1s_rps: arrivals.peakRps1s,
    peak_1min_rps: arrivals.peakRps1min,
    gap_cv: arrivals.gapCv,
    time_resolution_ms: arrivals.timeResolutionMs,
    clock_step_ms: arrivals.clockStepMs,
  };
}

function sessionsJson(sessions: SessionAnalysis): JsonObject {
  return {
    sessions: sessions.sessions,
    requests_without_session: sessions.requestsWithoutSession,
    turns: sessions.turns,
    delay_ms: sessions.delayMs,
  };
}
