import { freePorts } from '#test/support/free-ports.ts';
import { answers, PeerProcess } from '../peer-process.ts';

const PATIENCE_MS = 60_000;

/** Dynamo's standalone services, by the names of their modules. */
export type ServiceName = 'indexer' | 'select_service' | 'slot_tracker';

/** What it answered: the status, the text, and what that says as JSON. */
export interface ServiceAnswer<Body> {
  readonly status: number;
  readonly text: string;
  readonly body: Body;
}

/** One of Dynamo's services as a process of its own. */
export class DynamoService {
  readonly name: ServiceName;
  readonly #url: string;
  readonly #process: PeerProcess;

  private constructor(name: ServiceName, url: string, process: PeerProcess) {
    this.name = name;
    this.#url = url;
    this.#process = process;
  }

  /** Starts one on a port of its own. */
  static async start(
    python: string,
    name: ServiceName,
    args: readonly string[] = [],
  ): Promise<DynamoService> {
    const [port] = await freePorts(1);
    const url = `http://127.0.0.1:${port}`;
    const run = ['-m', `dynamo.${name}`, '--port', `${port}`, ...args];
    const isReady = () => answers(`${url}/workers`);
    const process = await PeerProcess.start(python, run, { isReady, patienceMs: PATIENCE_MS });
    return new DynamoService(name, url, process);
  }

  /** Asks; throws where the answer is none of success, unless its status is one of `fine`. */
  async call<Body>(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: object | string,
    fine: readonly number[] = [],
  ): Promise<ServiceAnswer<Body>> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await fetch(`${this.#url}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body !== undefined && { body: text }),
    });
    const said = await answer.text();
    if (!answer.ok && !fine.includes(answer.status)) {
      throw new Error(`${this.name}: ${method} ${path} ${text}: ${answer.status} ${said}`);
    }
    return { status: answer.status, text: said, body: said === '' ? undefined : JSON.parse(said) };
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}
