import type { Ns } from '#core/base/time.ts';

const MS = 1e6;
const SECOND = 1e9;

/** How patient a session is. */
export interface SessionOptions {
  /** Whether the engine has a replay socket. */
  readonly replays: boolean;
  /** The number of an engine's first batch: 0, and 1 for llm-d's simulator. */
  readonly firstSequence: number;
  /** Batches, and their bytes, that may wait for those before them. */
  readonly waitingFramesMax: number;
  readonly waitingBytesMax: number;
  /** A replay that has been silent for so long has failed. */
  readonly replayTimeoutNs: Ns;
  /** Failed replays in a row after which the session goes on without what is missing. */
  readonly attemptsMax: number;
  /** Time before the second attempt; it doubles from one to the next. */
  readonly backOffNs: Ns;
  /** A quiet engine is asked after so long whether something was missed; doubles up to the other. */
  readonly probeNs: Ns;
  readonly probeMaxNs: Ns;
  /** Time until a session that went on without something asks for everything again; doubles, too. */
  readonly rebuildNs: Ns;
  readonly rebuildMaxNs: Ns;
  /** Batches applied last that are asked for again, to see that the engine is still the same. */
  readonly overlap: number;
  /** Batches whose copies are recognised. */
  readonly remembered: number;
}

/** Attempts and back-off are those of Dynamo's recovery (lib/llm/src/kv_router/indexer/recovery). */
export const SESSION_DEFAULTS: SessionOptions = {
  replays: true,
  firstSequence: 0,
  waitingFramesMax: 65_536,
  waitingBytesMax: 256 * 1024 * 1024,
  replayTimeoutNs: 2 * SECOND,
  attemptsMax: 8,
  backOffNs: 200 * MS,
  probeNs: 2 * SECOND,
  probeMaxNs: 30 * SECOND,
  rebuildNs: 30 * SECOND,
  rebuildMaxNs: 600 * SECOND,
  overlap: 64,
  remembered: 1024,
};
