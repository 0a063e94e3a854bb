import type { EngineEntry } from '#core/config/serve/engine-list.ts';
import type { DiscoverySource, Sighting } from './discovery-source.ts';

/** The engines that the config itself lists, which never change. */
export class StaticSource implements DiscoverySource {
  readonly origin = 'static';
  readonly place = 'engines';
  readonly #entries: readonly EngineEntry[];

  constructor(entries: readonly EngineEntry[]) {
    this.#entries = entries;
  }

  async *sightings(): AsyncIterable<Sighting> {
    yield { kind: 'list', engines: this.#entries.map((entry) => ({ entry })), leftOut: [] };
  }
}
