import { InputError } from '#core/base/errors.ts';
import { waitsForPeers } from './endpoint.ts';
import { EventSocket, type EventSocketHandlers, type EventSocketOptions } from './event-socket.ts';

/** A subscription of one rank. */
export interface EventLink {
  /** Where it waits or calls, with the port that the machine chose. */
  readonly address: string;
  close(): Promise<void>;
}

interface Member {
  readonly topic: string;
  readonly handlers: EventSocketHandlers;
}

/**
 * Sockets at which publishers are waited for, each shared by all engines that have its address: their
 * topics tell them apart. Which connection belongs to which engine nobody says, so that each of them
 * is told when any comes, and that it may have missed something when any goes.
 */
export class SharedSockets {
  readonly #waiting = new Map<string, WaitingSocket>();

  /** Subscribes a rank. Rejects where an address is none or is taken, or topics do not differ. */
  async open(options: EventSocketOptions, handlers: EventSocketHandlers): Promise<EventLink> {
    const { address, topic = '' } = options;
    if (!(options.binds ?? waitsForPeers(address))) return EventSocket.open(options, handlers);
    const known = this.#waiting.get(address);
    const socket = known ?? new WaitingSocket(address, () => this.#waiting.delete(address));
    this.#waiting.set(address, socket);
    return socket.join({ topic, handlers });
  }
}

/** One socket that waits, and the engines that publish to it. */
class WaitingSocket {
  readonly #members = new Set<Member>();
  readonly #opened: Promise<EventSocket>;
  readonly #emptied: () => void;

  constructor(address: string, emptied: () => void) {
    this.#emptied = emptied;
    this.#opened = EventSocket.open(
      { address, binds: true },
      {
        message: (parts) => this.#memberOf(parts)?.handlers.message(parts),
        linkUp: () => this.#all('linkUp'),
        linkDown: () => {
          this.#all('linkDown');
          // The others are still there; each finds out whether it is one of them.
          this.#all('linkUp');
        },
      },
    );
  }

  async join(member: Member): Promise<EventLink> {
    this.#refuseLikeTopic(member.topic);
    this.#members.add(member);
    try {
      const { address } = await this.#opened;
      return { address, close: () => this.#leave(member) };
    } catch (error) {
      this.#members.delete(member);
      this.#emptied();
      throw error;
    }
  }

  async #leave(member: Member): Promise<void> {
    this.#members.delete(member);
    if (this.#members.size > 0) return;
    this.#emptied();
    await (await this.#opened).close();
  }

  #memberOf([topic]: readonly Uint8Array[]): Member | undefined {
    const text = Buffer.from(topic ?? []).toString('utf8');
    for (const member of this.#members) if (text.startsWith(member.topic)) return member;
    return undefined;
  }

  #refuseLikeTopic(topic: string): void {
    for (const { topic: other } of this.#members) {
      if (!topic.startsWith(other) && !other.startsWith(topic)) continue;
      throw new InputError('config_invalid', 'another engine publishes to this address as well', {
        path: 'engines.kv_topic',
        received: topic,
        allowed: `a topic that tells its events from those of "${other}": neither begins with the other`,
        remedy: 'give each engine a topic or an address of its own',
      });
    }
  }

  #all(what: 'linkUp' | 'linkDown'): void {
    for (const { handlers } of this.#members) handlers[what]();
  }
}
