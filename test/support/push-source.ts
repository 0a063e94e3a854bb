import type { EngineEntry } from '#core/config/serve/engine-list.ts';
import type { DiscoverySource, Origin, Sighting } from '#live/discovery/discovery-source.ts';

/** A source of engines that sees what a test tells it to see. */
export class PushSource implements DiscoverySource {
  readonly origin: Origin;
  readonly place = 'a test';
  /** What it listed last. */
  last: readonly EngineEntry[] = [];
  readonly #sightings: Sighting[] = [];
  #wake: () => void = () => undefined;

  constructor(origin: Origin) {
    this.origin = origin;
  }

  list(entries: readonly EngineEntry[]): void {
    this.last = entries;
    this.#see({ kind: 'list', engines: entries.map((entry) => ({ entry })), leftOut: [] });
  }

  trouble(why: string): void {
    this.#see({ kind: 'trouble', why });
  }

  async *sightings(signal: AbortSignal): AsyncIterable<Sighting> {
    signal.addEventListener('abort', () => this.#wake());
    while (!signal.aborted) {
      const next = this.#sightings.shift();
      if (next !== undefined) yield next;
      else await new Promise<void>((woken) => (this.#wake = woken));
    }
  }

  #see(sighting: Sighting): void {
    this.#sightings.push(sighting);
    this.#wake();
  }
}
