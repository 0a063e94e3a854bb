import type { Ns } from '#core/base/time.ts';
import type { Follower } from './follower.ts';
import type { EventFrame } from './frame.ts';
import { LiveFollower } from './live-follower.ts';
import type { ReplayRequest } from './replay-asker.ts';
import { ReplayFollower } from './replay-follower.ts';
import type { SessionOptions } from './session-options.ts';
import { SessionProgress } from './session-progress.ts';
import type { SessionSink } from './session-sink.ts';
import type { SessionCounters, SessionLack, SessionState } from './session-status.ts';

export type { ReplayRequest, SessionSink };

/**
 * Follows the batches of one KV-event publisher: every batch once and in order, whatever a PUB socket
 * loses. A pure machine: frames and ticks in; requests for replays and batches out. What was missed is
 * asked for where there is a replay socket, and otherwise missed for good; then the session says that
 * it is degraded, until the engine clears its cache or begins anew.
 *
 * What it relies on: messages of a connection never come after those of the next one, `linkDown` is
 * told before them, and batches of two lives of an engine differ (they carry its clock).
 */
export class KvSession {
  readonly #progress: SessionProgress;
  readonly #follower: Follower;
  /** The follower where there is a replay socket. */
  readonly #replays: ReplayFollower | undefined;

  constructor(options: SessionOptions, sink: SessionSink) {
    this.#progress = new SessionProgress(options, sink);
    this.#replays = options.replays ? new ReplayFollower(options, this.#progress) : undefined;
    this.#follower = this.#replays ?? new LiveFollower(this.#progress);
  }

  get counters(): SessionCounters {
    return this.#progress.counters;
  }

  get state(): SessionState {
    if (!this.#progress.heard) return 'connecting';
    return this.#progress.isComplete ? this.#follower.trust : 'degraded';
  }

  /** Why the state is degraded or unverified. */
  get lack(): SessionLack | undefined {
    return this.#progress.lack;
  }

  /** The replay to ask for now; one that was asked for before is of no interest any more. */
  takeRequest(): ReplayRequest | undefined {
    return this.#replays?.takeRequest();
  }

  /** When `tick` is due, undefined = nothing is waited for. */
  nextWakeupNs(): Ns | undefined {
    return this.#replays?.nextWakeupNs();
  }

  /** The subscription has reached its publisher. */
  linkUp(nowNs: Ns): void {
    this.#progress.linked = true;
    this.#follower.linkUp(nowNs);
  }

  /** The connection to the publisher has ended: batches may be missed from here on. */
  linkDown(): void {
    if (!this.#progress.linked) return;
    this.#progress.counters.linksLost++;
    this.#progress.linked = false;
    this.#follower.linkDown();
  }

  /** A live message. */
  live(frame: EventFrame, nowNs: Ns): void {
    this.#follower.live(frame, nowNs);
  }

  /** A message of a replay. */
  replayed(request: number, frame: EventFrame, nowNs: Ns): void {
    this.#replays?.replayed(request, frame, nowNs);
  }

  /** The replay has come to its end. */
  replayEnded(request: number, nowNs: Ns): void {
    this.#replays?.replayEnded(request, nowNs);
  }

  /** The replay socket has failed. */
  replayFailed(request: number, nowNs: Ns): void {
    this.#replays?.replayFailed(request, nowNs);
  }

  /** Time has passed. */
  tick(nowNs: Ns): void {
    this.#replays?.tick(nowNs);
  }
}
