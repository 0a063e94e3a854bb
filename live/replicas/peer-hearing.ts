import { NS_PER_HOUR, NS_PER_MS, NS_PER_S, type Ns } from '#core/base/time.ts';
import { type PeerRequestName, PeerRequests } from '#core/router/replicas/peer-requests.ts';
import type { Clock, Timers } from '../clock.ts';
import type { LiveRouter } from '../routing/live-router.ts';
import { PeerBookings, type PeerLoad } from './peer-bookings.ts';
import { decodeReplicaEvents, type ReplicaEvent } from './replica-event.ts';
import type { HeardMessage } from './replica-link.ts';
import { SequenceWatch } from './sequence-watch.ts';
import type { WorkerIds } from './worker-ids.ts';

/** A peer of which nothing was heard for so long is not shown any more. */
const FORGET_NS = NS_PER_HOUR;
/** A peer to which the way broke, and that is not heard again for so long, is gone. */
const GONE_NS = 10 * NS_PER_S;
/** What it said last may still come for so long; who calls again does that later. */
const LAST_WORDS_NS = 50 * NS_PER_MS;

/** A router that has been heard. */
export interface PeerStatus {
  readonly router_id: string;
  /** Events that it sent, and messages of it that never came. */
  readonly events: number;
  readonly missed_messages: number;
  /** Its requests that are load here. */
  readonly active_requests: number;
  readonly heard_s_ago: number;
}

interface Peer {
  router: bigint;
  events: number;
  heardNs: Ns;
  readonly watch: SequenceWatch;
}

export interface PeerHearingOptions {
  readonly router: LiveRouter;
  readonly workers: WorkerIds;
  /** Who speaks so is this router itself. */
  readonly ownId: bigint;
  /** See `PeerRequests`. */
  readonly expiryNs: Ns;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** Takes what other routers say of their requests, and lets time end what was lost. */
export class PeerHearing {
  /** Events of others, those of them that were none, and those of engines that are not here. */
  received = 0;
  unreadable = 0;
  unknownWorker = 0;
  readonly requests: PeerRequests<PeerLoad>;
  readonly #options: PeerHearingOptions;
  readonly #peers = new Map<number, Peer>();
  #cancelWakeup: (() => void) | undefined;
  #wakeupNs: Ns = Number.POSITIVE_INFINITY;
  #isClosed = false;
  readonly #waits = new Set<() => void>();

  constructor(options: PeerHearingOptions) {
    this.#options = options;
    this.requests = new PeerRequests(new PeerBookings(options.router), options.expiryNs);
  }

  /** A message has come. Throws a `DecodeError` where it is none. */
  hear({ publisher, sequence, payload }: HeardMessage): void {
    if (this.#isClosed) return;
    const { events, unreadable } = decodeReplicaEvents(payload);
    this.unreadable += unreadable;
    const others = events.filter(({ router }) => router !== this.#options.ownId);
    if (others.length === 0) return;
    this.received += others.length;
    this.#note(publisher, sequence, others);
    for (const event of others) this.#take(event);
    this.#arm();
  }

  /**
   * The way to a router broke. One that finds back tells at once of all requests that it has under way;
   * one that does not has lost them.
   */
  cutOff(publisher: number): void {
    if (this.#isClosed) return;
    const { clock, timers } = this.#options;
    const lastNs = clock.nowNs() + LAST_WORDS_NS;
    const cancel = timers.after(GONE_NS, () => {
      this.#waits.delete(cancel);
      const peer = this.#peers.get(publisher);
      if (peer !== undefined && peer.heardNs <= lastNs) this.requests.gone(peer.router);
    });
    this.#waits.add(cancel);
  }

  /** Routers that have been heard, in the order in which they were heard first. */
  peers(): readonly PeerStatus[] {
    const nowNs = this.#options.clock.nowNs();
    return [...this.#peers.values()].map(({ router, events, heardNs, watch }) => ({
      router_id: idText(router),
      events,
      missed_messages: watch.missing,
      active_requests: this.requests.activeOf(router),
      heard_s_ago: Math.round((nowNs - heardNs) / 1e6) / 1e3,
    }));
  }

  /** Messages that never came, as the numbers of those say that did. */
  get missedMessages(): number {
    return [...this.#peers.values()].reduce((sum, { watch }) => sum + watch.missing, 0);
  }

  /** Nothing is told to the router any more. */
  close(): void {
    this.#isClosed = true;
    this.#cancelWakeup?.();
    for (const cancel of this.#waits) cancel();
  }

  #note(publisher: number, sequence: number, events: readonly ReplicaEvent[]): void {
    const nowNs = this.#options.clock.nowNs();
    let peer = this.#peers.get(publisher);
    if (peer === undefined) {
      this.#forget(nowNs);
      peer = {
        router: events[0]!.router,
        events: 0,
        heardNs: 0,
        watch: new SequenceWatch(sequence),
      };
      this.#peers.set(publisher, peer);
    }
    peer.events += events.length;
    peer.heardNs = nowNs;
    peer.router = events[0]!.router;
    peer.watch.take(sequence);
  }

  #forget(nowNs: Ns): void {
    for (const [publisher, { heardNs }] of this.#peers) {
      if (nowNs - heardNs > FORGET_NS) this.#peers.delete(publisher);
    }
  }

  #take({ id, worker, rank, router, data }: ReplicaEvent): void {
    const target = this.#options.workers.targetOf(worker, rank);
    if (target === undefined) {
      this.unknownWorker++;
      return;
    }
    const nowNs = this.#options.clock.nowNs();
    const name: PeerRequestName = { router, target, id };
    if (data === 'prefilled') this.requests.prefilled(name, nowNs);
    else if (data === 'freed') this.requests.freed(name, nowNs);
    else {
      const { hashes = [], tracksPrefill, prefillTokens = 0 } = data;
      const load = { hashes, prefillTokens: tracksPrefill ? prefillTokens : 0 };
      this.requests.added(name, load, nowNs);
    }
  }

  /** Rings no later than something falls due; what rings too early only looks. */
  #arm(): void {
    const nextNs = this.requests.nextWakeupNs();
    if (nextNs >= this.#wakeupNs || this.#isClosed) return;
    const { clock, timers } = this.#options;
    this.#cancelWakeup?.();
    this.#wakeupNs = nextNs;
    this.#cancelWakeup = timers.after(Math.max(0, nextNs - clock.nowNs()), () => {
      this.#wakeupNs = Number.POSITIVE_INFINITY;
      this.requests.catchUp(clock.nowNs());
      this.#arm();
    });
  }
}

/** A router's id, as it is shown: 16 hexadecimal digits. */
export function idText(router: bigint): string {
  return router.toString(16).padStart(16, '0');
}
