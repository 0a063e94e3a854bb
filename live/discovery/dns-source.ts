import { setTimeout as sleep } from 'node:timers/promises';
import type { DnsDiscoveryConfig } from '#core/config/serve/discovery.ts';
import { engineAt } from '#core/config/serve/engine-at.ts';
import type { DiscoverySource, Sighting } from './discovery-source.ts';
import { DnsLookUp } from './dns-look-up.ts';

const MS_PER_SECOND = 1_000;

/**
 * The engines that a name of the DNS stands for. A name that does not exist may be a server in
 * trouble as well as a service without engines: the last list stands, and engines that are gone are
 * left alone since they do not answer.
 */
export class DnsSource implements DiscoverySource {
  readonly origin = 'dns';
  readonly place: string;
  readonly #config: DnsDiscoveryConfig;

  constructor(config: DnsDiscoveryConfig) {
    this.#config = config;
    this.place = config.name;
  }

  async *sightings(signal: AbortSignal): AsyncIterable<Sighting> {
    const { interval_secs: intervalSecs } = this.#config;
    const names = new DnsLookUp(this.#config);
    const stop = (): void => names.stop();
    signal.addEventListener('abort', stop, { once: true });
    let before: string | undefined;
    while (!signal.aborted) {
      const sighting = await this.#look(names);
      const now = JSON.stringify(sighting);
      if (now !== before) yield sighting;
      before = now;
      const ms = intervalSecs * MS_PER_SECOND;
      await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  async #look(names: DnsLookUp): Promise<Sighting> {
    try {
      const engines = (await names.ask()).map((address) => ({
        entry: engineAt(this.#config.engine, address),
      }));
      return { kind: 'list', engines, leftOut: [] };
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return { kind: 'trouble', why: `${this.place} is not found (${code ?? message})` };
    }
  }
}
