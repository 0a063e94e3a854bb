import { Dealer } from 'zeromq';
import { type EventFrame, readReplayFrame, replayRequest } from '../session/frame.ts';
import type { ReplayRequest } from '../session/replay-asker.ts';
import { Breather } from './breather.ts';
import { MESSAGE_BYTES_MAX } from './endpoint.ts';

/** What comes of a replay. */
export interface ReplayHandlers {
  replayed(request: number, frame: EventFrame): void;
  replayEnded(request: number): void;
  replayFailed(request: number): void;
}

/**
 * Asks the replay sockets of one engine. Each request has a connection of its own, since answers do not
 * say which request they belong to: what still comes for an earlier one is closed with it.
 */
export class ReplaySocket {
  readonly #address: string;
  readonly #handlers: ReplayHandlers;
  #current: Dealer | undefined;

  constructor(address: string, handlers: ReplayHandlers) {
    this.#address = address;
    this.#handlers = handlers;
  }

  /** Asks; the request before is given up. */
  ask(request: ReplayRequest): void {
    this.close();
    const socket = new Dealer({
      linger: 0,
      receiveHighWaterMark: 0,
      maxMessageSize: MESSAGE_BYTES_MAX,
    });
    this.#current = socket;
    void this.#run(socket, request);
  }

  close(): void {
    this.#current?.close();
    this.#current = undefined;
  }

  async #run(socket: Dealer, request: ReplayRequest): Promise<void> {
    const breather = new Breather();
    try {
      socket.connect(this.#address);
      await socket.send([...replayRequest(request.from)] as Buffer[]);
      while (this.#current === socket) {
        const frame = readReplayFrame(await socket.receive());
        if (this.#current !== socket) return;
        if (frame === 'end') break;
        if (frame !== undefined) this.#handlers.replayed(request.id, frame);
        if (breather.isDue) await breather.rest();
      }
    } catch {
      // Closed for the next request or for good; else the address cannot be reached at all.
      if (this.#current === socket) this.#handlers.replayFailed(request.id);
      return;
    }
    if (this.#current !== socket) return;
    this.close();
    this.#handlers.replayEnded(request.id);
  }
}
