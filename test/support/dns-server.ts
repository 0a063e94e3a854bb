import { type ChildProcess, spawn } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { userInfo } from 'node:os';
import { freePorts } from './free-ports.ts';
import { until } from './until.ts';

/** A name that the server knows whatever it is told besides. */
const PROBE = 'probe.test';

/** A real DNS server (dnsmasq) on loopback, for the names that a test gives it. */
export class DnsServer {
  readonly #port: number;
  #child: ChildProcess | undefined;

  private constructor(port: number) {
    this.#port = port;
  }

  /** Starts one with lines of dnsmasq's options: `host-record=a.test,127.0.0.1`. */
  static async start(options: readonly string[]): Promise<DnsServer> {
    const [port] = await freePorts(1);
    const server = new DnsServer(port!);
    await server.set(options);
    return server;
  }

  /** Its address, as `IP:PORT`. */
  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** Knows other names from now on. */
  async set(options: readonly string[]): Promise<void> {
    await this.stop();
    const { username } = userInfo();
    const alone = ['--keep-in-foreground', '--conf-file=/dev/null', '--no-resolv', '--no-hosts'];
    const place = ['--listen-address=127.0.0.1', '--bind-interfaces', `--port=${this.#port}`];
    const names = [...options, `host-record=${PROBE},127.0.0.1`].map((option) => `--${option}`);
    const args = [...alone, ...place, `--user=${username}`, '--pid-file=', ...names];
    this.#child = spawn('dnsmasq', args, { stdio: 'ignore' });
    // Without the program the wait below says so.
    this.#child.on('error', () => {});
    const resolver = new Resolver({ timeout: 200, tries: 1 });
    resolver.setServers([this.address]);
    await until('dnsmasq (Debian package dnsmasq-base) answers', async () => {
      const found = await resolver.resolve4(PROBE).catch(() => []);
      return found.length > 0;
    });
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    child?.kill('SIGKILL');
    if (child !== undefined && child.exitCode === null) await once(child, 'exit');
  }
}
