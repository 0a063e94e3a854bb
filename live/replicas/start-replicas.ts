import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { InputError } from '#core/base/errors.ts';
import { secondsToNs } from '#core/base/time.ts';
import { DEFAULT_ENDPOINT, type ReplicasConfig } from '#core/config/serve/replicas.ts';
import type { Clock, Timers } from '../clock.ts';
import type { LiveRouter } from '../routing/live-router.ts';
import { Outbox } from './outbox.ts';
import { OwnLegs } from './own-legs.ts';
import { idText, PeerHearing } from './peer-hearing.ts';
import type { ReplicaEvent } from './replica-event.ts';
import type { LinkOptions, ReplicaLink } from './replica-link.ts';
import type { ReplicasStatus } from './replicas-status.ts';
import { WorkerIds } from './worker-ids.ts';

export interface ReplicasOptions {
  readonly config: ReplicasConfig;
  /** What relative paths of the config start from. */
  readonly folder: string;
  readonly router: LiveRouter;
  /** `router_active_request_expiry_secs`. */
  readonly expirySecs: number;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly note: (text: string) => void;
}

/** Other routers, which hear of this one's requests and tell of theirs. */
export interface Replicas {
  status(): ReplicasStatus;
  /** Tells what is still to be told, and hears no more. */
  close(): Promise<void>;
}

/** Bits of an id that a double holds exactly. */
const PUBLISHER_MASK = 2n ** 53n - 1n;

/** Joins the other routers. Throws an `InputError` where an address cannot be used. */
export async function startReplicas(options: ReplicasOptions): Promise<Replicas> {
  const { config, router, expirySecs, clock, timers } = options;
  const ownId = randomBytes(8).readBigUInt64LE();
  const workers = new WorkerIds(router.roster);
  const expiryNs = secondsToNs(expirySecs);
  const hearing = new PeerHearing({ router, workers, ownId, expiryNs, clock, timers });
  const publisher = Number(randomBytes(8).readBigUInt64LE() & PUBLISHER_MASK);
  let outbox: Outbox | undefined;
  const push = (event: ReplicaEvent) => outbox?.push(event);
  const legs = new OwnLegs({ ownId, workers, clock, push });
  const link = await openLink(options, {
    publisher,
    nowMs: Date.now,
    hear: (message) => hearing.hear(message),
    onReady: () => outbox?.wake(),
    onNewcomer: () => legs.tellAgain(),
    onCutOff: (peer) => hearing.cutOff(peer),
  });
  const out = new Outbox(link, timers);
  outbox = out;
  router.onLeg = legs.begun;
  return {
    status: () => ({
      router_id: idText(ownId),
      publisher_id: publisher,
      transport: config.transport,
      ...countsOf(link, out, hearing),
    }),
    close: async () => {
      router.onLeg = undefined;
      hearing.close();
      await out.close();
      await link.close();
    },
  };
}

async function openLink(
  { config, folder, timers, note }: ReplicasOptions,
  shared: LinkOptions,
): Promise<ReplicaLink> {
  // What speaks to a server is loaded by whoever needs it.
  if (config.transport === 'nats') {
    const { NatsLink } = await import('./nats-link.ts');
    const { servers = [], endpoint = DEFAULT_ENDPOINT, credentials_file: file } = config;
    const credentials = file === undefined ? undefined : readCredentials(resolve(folder, file));
    return new NatsLink({
      ...shared,
      ...{ servers, endpoint, timers, note },
      ...(credentials && { credentials }),
    });
  }
  const { ZmqLink } = await import('./zmq-link.ts');
  const { bind = '', peers = [] } = config;
  try {
    return await ZmqLink.open({ ...shared, bind, peers });
  } catch (error) {
    throw new InputError(
      'config_invalid',
      `no router can wait there: ${(error as Error).message}`,
      {
        path: 'replicas.bind',
        received: bind,
        remedy: 'name an address of this machine that is free',
      },
    );
  }
}

function readCredentials(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InputError('config_invalid', `the file cannot be read: ${code ?? message}`, {
      path: 'replicas.credentials_file',
      received: file,
    });
  }
}

function countsOf(
  link: ReplicaLink,
  outbox: Outbox,
  hearing: PeerHearing,
): Omit<ReplicasStatus, 'router_id' | 'publisher_id' | 'transport'> {
  const { requests } = hearing;
  return {
    address: link.address,
    links: link.links,
    sent: outbox.sent,
    waiting: outbox.waiting,
    dropped: outbox.dropped,
    received: hearing.received,
    repeated: requests.repeated,
    unreadable: hearing.unreadable + link.unreadable,
    unknown_worker: hearing.unknownWorker,
    missed_messages: hearing.missedMessages,
    expired_requests: requests.expired,
    active_requests: requests.active,
    peers: hearing.peers(),
  };
}
