import type { ReplicaEvent } from './replica-event.ts';

/** Takes what others say: who publishes, the number of the message, from where, and its payload. */
export type Hear = (message: HeardMessage) => void;

export interface HeardMessage {
  /** Random for each life of a process. */
  readonly publisher: number;
  /** Counts a publisher's messages, from 0 on. */
  readonly sequence: number;
  readonly payload: Uint8Array;
}

/** Where one link leads, and whether anybody is there. */
export interface LinkState {
  readonly address: string;
  readonly up: boolean;
}

/** A way between routers. */
export interface ReplicaLink {
  /** Where others reach this router. */
  readonly address: string;
  /** Most events of a message. */
  readonly batch: number;
  /** Whether it takes messages now; `onReady` is called when it does again. */
  readonly isReady: boolean;
  /** Messages that are none. */
  readonly unreadable: number;
  readonly links: readonly LinkState[];
  /** Hands a message over. Rejects where it cannot be sent at all. */
  send(events: readonly ReplicaEvent[]): Promise<void>;
  /** After what was sent has left. */
  close(): Promise<void>;
}

/** What every link is opened with. */
export interface LinkOptions {
  /** Below 2^53, and another one for each life of the process. */
  readonly publisher: number;
  readonly nowMs: () => number;
  readonly hear: Hear;
  /** The link takes messages again. */
  readonly onReady: () => void;
  /** Somebody has come who has heard nothing so far, or for a while. */
  readonly onNewcomer: () => void;
  /** The way to a publisher that was heard broke, where that can be known. */
  readonly onCutOff: (publisher: number) => void;
}
