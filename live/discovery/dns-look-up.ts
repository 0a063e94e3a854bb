import { lookup, Resolver } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import type { EngineAddress } from '#core/config/serve/engine-at.ts';

/** For each server and each attempt. */
const TIMEOUT_MS = 2_000;
const TRIES = 2;

export interface DnsQuestion {
  readonly name: string;
  /** The port of all addresses; the name has SRV records when absent. */
  readonly port?: number | undefined;
  /** The DNS server to ask; what the machine asks when absent. */
  readonly server?: string | undefined;
}

/** Looks a name up again and again. */
export class DnsLookUp {
  readonly #question: DnsQuestion;
  readonly #resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });

  constructor(question: DnsQuestion) {
    this.#question = question;
    if (question.server !== undefined) this.#resolver.setServers([question.server]);
  }

  /** Where the name leads to now, in the order of the places' names. Rejects where nobody says. */
  async ask(): Promise<readonly EngineAddress[]> {
    const { name, port } = this.#question;
    const found = port === undefined ? await this.#targets() : await this.#at(name, port);
    return [...found].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** Ends what is under way. */
  stop(): void {
    this.#resolver.cancel();
  }

  /** The targets of SRV records; one that has a single address goes by its own name. */
  async #targets(): Promise<readonly EngineAddress[]> {
    const records = await this.#resolver.resolveSrv(this.#question.name);
    const found = await Promise.all(
      records.map(async ({ name, port }) => {
        const addresses = await this.#at(name, port);
        const [only] = addresses;
        return addresses.length === 1 ? [{ ...only!, name: nameOf(name, port) }] : addresses;
      }),
    );
    return found.flat();
  }

  async #at(name: string, port: number): Promise<readonly EngineAddress[]> {
    const addresses = await this.#addresses(name);
    return addresses.map((address) => ({
      name: nameOf(address, port),
      host: isIPv6(address) ? `[${address}]` : address,
      port,
    }));
  }

  async #addresses(name: string): Promise<readonly string[]> {
    if (this.#question.server === undefined) {
      return (await lookup(name, { all: true })).map(({ address }) => address);
    }
    const answers = await Promise.allSettled([
      this.#resolver.resolve4(name),
      this.#resolver.resolve6(name),
    ]);
    const found = answers.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    // A name may have addresses of one kind alone.
    if (found.length === 0 && answers[0].status === 'rejected') throw answers[0].reason;
    return found;
  }
}

/** What an engine at such a place is called. */
function nameOf(host: string, port: number): string {
  const text = `${host}-${port}`.replace(/[^\w.-]/g, '-');
  // The end tells engines of one name apart.
  return text.slice(-64);
}
