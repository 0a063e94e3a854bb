import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A way by TCP to a port of this machine that can break, and be there again at the same place. */
export class BreakableWay {
  readonly port: number;
  readonly #to: number;
  readonly #sockets = new Set<Socket>();
  #server: Server;

  private constructor(to: number, server: Server) {
    this.#to = to;
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => this.#carry(socket));
  }

  static async open(to: number): Promise<BreakableWay> {
    return new BreakableWay(to, await listening(0));
  }

  /** Cuts every connection, and takes no other. */
  async break(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  async mend(): Promise<void> {
    this.#server = await listening(this.port);
    this.#server.on('connection', (socket) => this.#carry(socket));
  }

  #carry(near: Socket): void {
    const far = connect(this.#to, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one);
      one.pipe(other);
      // What one side loses the other loses too.
      one.on('error', () => {});
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
  }
}

async function listening(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
