import type { EngineLife } from './engine-life.ts';
import { errorBodyOf } from './http/backend-shapes.ts';
import { engineRoutes } from './http/engine-routes.ts';
import { handOffRoutes } from './http/hand-off-routes.ts';
import { MockServer } from './http/server.ts';

/** Ports that an engine had before; 0 = any. */
export interface DoorPorts {
  readonly http: number;
  /** Absent where nobody is met over requests. */
  readonly bootstrap?: number;
}

/** The servers through which an engine is spoken to. */
export class EngineDoors {
  readonly ports: DoorPorts;
  readonly #servers: readonly MockServer[];

  private constructor(ports: DoorPorts, servers: readonly MockServer[]) {
    this.ports = ports;
    this.#servers = servers;
  }

  /** Opens them; rejects where a port is taken. `crash` ends the life, for good or for so long. */
  static async open(
    life: EngineLife,
    ports: DoorPorts,
    crash: (restartAfterMs: number | undefined) => void,
  ): Promise<EngineDoors> {
    const { host, backend } = life.options;
    const manners = {
      isMute: () => life.faults.now.mute,
      errorBody: errorBodyOf(backend),
    };
    const main = new MockServer(engineRoutes(life, crash), manners);
    const http = await main.listen(host, ports.http);
    if (ports.bootstrap === undefined) return new EngineDoors({ http }, [main]);
    const meeting = new MockServer(handOffRoutes(life), manners);
    try {
      const bootstrap = await meeting.listen(host, ports.bootstrap);
      return new EngineDoors({ http, bootstrap }, [main, meeting]);
    } catch (error) {
      await main.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()));
  }
}
