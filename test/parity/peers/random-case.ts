import { openStream, type RandomStream } from '#core/base/random.ts';
import type { GoldenInput } from '../golden.ts';
import { between, chance, pick } from './draws.ts';
import { drawEngine } from './random-engine.ts';
import { drawPools } from './random-pools.ts';

type Row = Record<string, unknown>;

/** A prompt longer than this many blocks of the trace is not drawn. */
const MAX_PROMPT_BLOCKS = 12;

/**
 * A random small case: engines so small that they chunk, preempt, retract, block and reject, and
 * requests that share prefixes, come in sessions or at once. Equal seeds and numbers give equal cases.
 */
export function randomCase(seed: number, number: number): GoldenInput {
  const stream = openStream(seed, `peer case ${number}`);
  const blockSize = pick(stream, [4, 16, 64]);
  const traceBlockSize = blockSize * pick(stream, [1, 1, 2]);
  const mode = pick(stream, ['round_robin', 'kv_router', 'kv_router']);
  const workers = pick(stream, mode === 'kv_router' ? [1, 1, 2, 3] : [1, 1, 2, 3]);
  const queued = mode === 'kv_router' && chance(stream, 0.4);
  const closed = chance(stream, 0.25);
  const input: Record<string, unknown> = {
    requests: drawRequests(stream, traceBlockSize, queued),
    trace_block_size: traceBlockSize,
    engine: drawEngine(stream, blockSize),
    workers,
    router_mode: mode,
    rows: true,
  };
  if (mode === 'kv_router') input.router_config = drawRouter(stream, queued);
  if (mode === 'kv_router' && chance(stream, 0.2)) input.kv_event_lag_ms = between(stream, 1, 60);
  if (closed) input.replay_concurrency = between(stream, 1, 4);
  // Ratios that leave whole nanoseconds: the peer keeps parts of them, and ties would turn around.
  else if (chance(stream, 0.2)) input.arrival_speedup_ratio = pick(stream, [0.5, 2, 4]);
  // A stream of its own leaves what the other cases are.
  const pools = openStream(seed, `peer pools ${number}`);
  if (chance(pools, 0.25)) return drawPools(pools, input as GoldenInput);
  return input as GoldenInput;
}

function drawRouter(stream: RandomStream, queued: boolean): Record<string, unknown> {
  const router: Record<string, unknown> = {};
  if (queued) {
    router.router_queue_threshold = pick(stream, [0.1, 0.5, 1]);
    router.router_queue_policy = pick(stream, ['fcfs', 'lcfs', 'wspt']);
  }
  if (chance(stream, 0.3)) router.overlap_score_credit = pick(stream, [0, 0.5, 2]);
  if (chance(stream, 0.3)) router.prefill_load_scale = pick(stream, [0.5, 2]);
  if (chance(stream, 0.2)) router.decode_active_request_weight = pick(stream, [0.5, 3]);
  return router;
}

/** Requests in order of time; sessions are interleaved with requests that stand alone. */
function drawRequests(stream: RandomStream, traceBlockSize: number, queued: boolean): Row[] {
  const rows: Row[] = [];
  const groups = between(stream, 1, 3);
  const sessions = chance(stream, 0.35) ? between(stream, 1, 3) : 0;
  const spacing = pick(stream, [0, 3, 20, 100]);
  const turns = new Map<string, number>();
  // A think time is given as such or by the difference of two timestamps, all through a case.
  const delays = chance(stream, 0.7);
  let timestamp = 0;
  const count = between(stream, 2, 20);
  for (let index = 0; index < count; index++) {
    const row = drawPrompt(stream, traceBlockSize, groups, index);
    const session = sessions > 0 && chance(stream, 0.6) ? `s${stream.nextBelow(sessions)}` : '';
    const turn = turns.get(session) ?? 0;
    timestamp += stream.nextBelow(spacing + 1);
    if (session !== '') row.session_id = session;
    if (session === '' || turn === 0) row.timestamp = timestamp;
    else if (delays) row.delay = between(stream, 0, 80);
    else row.timestamp = timestamp;
    turns.set(session, turn + 1);
    if (queued && chance(stream, 0.2)) row.priority = between(stream, 1, 5);
    if (queued && chance(stream, 0.1)) row.strict_priority = between(stream, 1, 2);
    rows.push(row);
  }
  return rows;
}

function drawPrompt(
  stream: RandomStream,
  traceBlockSize: number,
  groups: number,
  index: number,
): Row {
  const blocks = between(stream, 1, chance(stream, 0.1) ? MAX_PROMPT_BLOCKS : 5);
  const shared = chance(stream, 0.6) ? stream.nextBelow(blocks + 1) : 0;
  const group = stream.nextBelow(groups);
  const full = chance(stream, 0.3);
  const rest = full ? traceBlockSize : between(stream, 1, traceBlockSize);
  return {
    input_length: (blocks - 1) * traceBlockSize + rest,
    output_length: chance(stream, 0.05) ? 0 : between(stream, 1, 40),
    hash_ids: Array.from({ length: blocks }, (_, place) =>
      place < shared ? 1000 * (group + 1) + place : 100_000 + 1000 * index + place,
    ),
  };
}
