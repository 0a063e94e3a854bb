import type { PeerStatus } from './peer-hearing.ts';
import type { LinkState } from './replica-link.ts';

/** What a router knows of the others in front of the same engines. */
export interface ReplicasStatus {
  /** This router, as the others call it. */
  readonly router_id: string;
  /** Its messages carry this number, by which Dynamo's discovery knows it. */
  readonly publisher_id: number;
  readonly transport: 'zmq' | 'nats';
  /** Where the others reach it: an address, or a subject of NATS. */
  readonly address: string;
  readonly links: readonly LinkState[];
  /** Events that were sent, that wait to be, and that there was no room for. */
  readonly sent: number;
  readonly waiting: number;
  readonly dropped: number;
  /** Events of others, and those of them that said nothing new. */
  readonly received: number;
  readonly repeated: number;
  /** Events that were none, and those of engines that are not here. */
  readonly unreadable: number;
  readonly unknown_worker: number;
  /** Messages of others that never came. */
  readonly missed_messages: number;
  /** Requests of others whose end never came, and those that are load now. */
  readonly expired_requests: number;
  readonly active_requests: number;
  readonly peers: readonly PeerStatus[];
}
