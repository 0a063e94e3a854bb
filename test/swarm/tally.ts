import { FEATURES } from './features/registry.ts';
import { DRAWN_KEYS } from './keys.ts';
import type { Outcome } from './laws/law.ts';
import type { Drawn } from './mix.ts';
import { writtenPaths } from './settle.ts';
import { STATES } from './states.ts';

/** In how many flights something was there. */
type Counts = Map<string, number>;

function zeros(names: readonly string[]): Counts {
  return new Map(names.map((name) => [name, 0]));
}

function countOne(counts: Counts, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** What the flights of a swarm have had and reached. */
export class SwarmTally {
  flights = 0;
  requests = 0;
  readonly features: Counts = zeros(FEATURES.map(({ name }) => name));
  readonly states: Counts = zeros(STATES.map(({ name }) => name));
  readonly keys: Counts = zeros(DRAWN_KEYS);

  /** Adds a flight; a feature counts where the config still has something of it. */
  add({ flight, features }: Drawn, outcome: Outcome): void {
    this.flights++;
    this.requests += flight.rows.length;
    for (const { name, keys } of features) {
      if (keys.length === 0 || keys.some((key) => flight.has(key))) countOne(this.features, name);
    }
    for (const state of STATES) {
      if (state.reached(outcome)) countOne(this.states, state.name);
    }
    for (const key of writtenPaths(flight)) {
      if (this.keys.has(key)) countOne(this.keys, key);
    }
  }

  /** What no flight has had or reached. */
  get missing(): readonly string[] {
    const kinds = [
      ['feature', this.features],
      ['state', this.states],
      ['key', this.keys],
    ] as const;
    return kinds.flatMap(([kind, counts]) => {
      return [...counts].filter(([, count]) => count === 0).map(([name]) => `${kind}: ${name}`);
    });
  }

  /** The tally as lines of text. */
  lines(): readonly string[] {
    return [
      `${this.flights} cluster${this.flights === 1 ? '' : 's'} with ${this.requests} requests`,
      ...section('Features', this.features),
      ...section('Reached', this.states),
      `Keys of the config: ${this.keys.size}, each written by ${least(this.keys)} clusters or more`,
    ];
  }
}

function least(counts: Counts): number {
  return Math.min(...counts.values());
}

function section(heading: string, counts: Counts): readonly string[] {
  const width = Math.max(...[...counts.keys()].map((name) => name.length));
  const lines = [...counts].map(([name, count]) => `  ${name.padEnd(width)}  ${count}`);
  return [heading, ...lines];
}
