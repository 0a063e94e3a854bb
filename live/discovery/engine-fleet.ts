import { isDeepStrictEqual } from 'node:util';
import type { EngineEntry } from '#core/config/serve/engine-list.ts';
import type { FoundEngine } from '../serve/engine-scout.ts';
import type { DiscoverySource, LeftOut, Sighting } from './discovery-source.ts';
import { type EngineHands, EngineKeeper } from './engine-keeper.ts';
import type { FleetStatus, SourceStatus } from './fleet-status.ts';
import { type MergedLists, mergeLists } from './merge-lists.ts';

export interface FleetOptions {
  /** Where two list an engine of the same name, the earlier one counts. */
  readonly sources: readonly DiscoverySource[];
  readonly scout: EngineHands['scout'];
  /** What whoever runs the router should know: a line each. */
  readonly note: (text: string) => void;
}

/** What is done with engines that have answered, once there is a router. */
export type ServingHands = Omit<EngineHands, 'scout' | 'changed'>;

interface Looking {
  readonly source: DiscoverySource;
  list: Extract<Sighting, { kind: 'list' }> | undefined;
  problem: string | undefined;
}

/**
 * The engines that the sources list, each in the hands of a keeper: whatever the sources say and in
 * whatever order, the engines that are there become those of the last lists.
 */
export class EngineFleet {
  readonly #options: FleetOptions;
  readonly #looking: readonly Looking[];
  readonly #keepers = new Map<string, EngineKeeper>();
  readonly #answered = new Map<string, FoundEngine>();
  readonly #stop = new AbortController();
  readonly #waiting = new Set<() => void>();
  readonly #listeners: (() => void)[] = [];
  #merged: MergedLists = { wanted: new Map(), doubles: [] };
  #open!: (hands: ServingHands) => void;
  readonly #opened = new Promise<ServingHands>((open) => {
    this.#open = open;
  });
  #hands: ServingHands | undefined;
  #ended: Promise<unknown> = Promise.resolve();

  /** Begins to look. */
  constructor(options: FleetOptions) {
    this.#options = options;
    this.#looking = options.sources.map((source) => ({
      source,
      list: undefined,
      problem: undefined,
    }));
    this.#ended = Promise.all(this.#looking.map((one) => this.#look(one)));
  }

  /** The engines that are listed now, in the order of the sources. */
  get entries(): readonly EngineEntry[] {
    return [...this.#merged.wanted.values()].map(({ entry }) => entry);
  }

  /** Whether every source has said something, if only that it cannot see. */
  get hasLooked(): boolean {
    return this.#looking.every(({ list, problem }) => (list ?? problem) !== undefined);
  }

  /** Listed engines that have answered, in the same order. */
  get answered(): readonly FoundEngine[] {
    return this.entries.flatMap((entry) => {
      const found = this.#answered.get(entry.name);
      return found !== undefined && isDeepStrictEqual(found.entry, entry) ? [found] : [];
    });
  }

  /** Where engines publish on Dynamo's event plane, as the sources say. */
  get planeAddresses(): readonly string[] {
    const all = this.#looking.flatMap(({ list }) => list?.planeAddresses ?? []);
    return [...new Set(all)];
  }

  /** Calls back whenever a source has listed something else, until the fleet closes. */
  onList(listed: () => void): void {
    this.#listeners.push(listed);
  }

  /** Resolves when something is so, or the fleet closes; looked at again whenever something changes. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo() && !this.#stop.signal.aborted) {
      await new Promise<void>((stirred) => this.#waiting.add(stirred));
    }
  }

  /**
   * There is a router: engines that have answered join it, and later ones as they come. Resolves when
   * the former have; rejects where one of those that the config lists cannot be served.
   */
  async open(hands: ServingHands): Promise<void> {
    const names = this.answered.map(({ entry }) => entry.name);
    this.#hands = hands;
    this.#open(hands);
    const isDone = (name: string): boolean => this.#keepers.get(name)?.state !== 'answered';
    await this.until(() => names.every(isDone));
    for (const { state, fault, present } of this.#keepers.values()) {
      if (state === 'refused' && present.origin === 'static') throw fault;
    }
  }

  status(): FleetStatus {
    const { doubles } = this.#merged;
    return {
      sources: this.#looking.map((one, at) => sourceStatus(one, doubles[at] ?? [])),
      engines: [...this.#keepers.values()].map(({ name, present, state, fault }) => ({
        ...{ name, origin: present.origin, url: present.entry.url, state },
        ...(fault !== undefined && { problem: messageOf(fault) }),
      })),
    };
  }

  /** Lets go of all engines as they are. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#stir();
    const kept = [...this.#keepers.values()];
    for (const keeper of kept) keeper.close();
    // Those that wait for a router get none.
    if (this.#hands === undefined) return;
    await this.#ended;
    await Promise.all(kept.map(({ ended }) => ended));
  }

  async #look(one: Looking): Promise<void> {
    const { signal } = this.#stop;
    for await (const sighting of one.source.sightings(signal)) {
      if (signal.aborted) return;
      this.#take(one, sighting);
    }
  }

  #take(one: Looking, sighting: Sighting): void {
    const { origin } = one.source;
    one.problem = sighting.kind === 'trouble' ? sighting.why : undefined;
    if (sighting.kind === 'trouble') {
      const stands = one.list === undefined ? '' : ', and the engines that it listed before stay';
      this.#options.note(`discovery by ${origin} fails${stands}: ${sighting.why}`);
    } else {
      this.#tellLeftOut(one, sighting.leftOut);
      one.list = sighting;
      this.#merge();
      for (const listed of this.#listeners) listed();
    }
    this.#stir();
  }

  #tellLeftOut({ source, list }: Looking, now: readonly LeftOut[]): void {
    for (const left of now) {
      const isKnown = list?.leftOut.some((before) => isDeepStrictEqual(before, left));
      if (!isKnown) this.#options.note(`${left.name} of ${source.place} is left out: ${left.why}`);
    }
  }

  #merge(): void {
    const lists = this.#looking.map(({ source, list }) => ({
      origin: source.origin,
      engines: list?.engines ?? [],
    }));
    this.#merged = mergeLists(lists);
    const { wanted } = this.#merged;
    for (const keeper of this.#keepers.values()) keeper.want(wanted.get(keeper.name));
    for (const [name, engine] of wanted) {
      const known = this.#keepers.get(name);
      if (known !== undefined && !known.isOver) continue;
      this.#keepers.set(name, new EngineKeeper(engine, this.#handsOfKeepers()));
    }
  }

  #handsOfKeepers(): EngineHands {
    return {
      scout: this.#options.scout,
      join: async (found) => {
        this.#answered.set(found.entry.name, found);
        this.#stir();
        await (await this.#opened).join(found);
      },
      hold: (name) => this.#hands?.hold(name),
      resume: (name) => this.#hands?.resume(name),
      idle: async (name, signal) => (await this.#opened).idle(name, signal),
      leave: async (name) => {
        this.#answered.delete(name);
        await (await this.#opened).leave(name);
      },
      changed: (keeper) => this.#changed(keeper),
    };
  }

  #changed(keeper: EngineKeeper): void {
    const { name, state, present, fault, isOver } = keeper;
    if (isOver && this.#keepers.get(name) === keeper) this.#keepers.delete(name);
    const text = isOver ? 'has left' : textOf(state, fault);
    const isQuiet = present.origin === 'static' && state !== 'refused';
    if (text !== undefined && !isQuiet && !this.#stop.signal.aborted) {
      this.#options.note(`engine ${name} (${present.origin}) ${text}`);
    }
    this.#stir();
  }

  #stir(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const stirred of waiting) stirred();
  }
}

function textOf(state: EngineKeeper['state'], fault: unknown): string | undefined {
  if (state === 'serving') return 'serves';
  if (state === 'leaving') return 'gets no new requests';
  return state === 'refused' ? `is left out: ${messageOf(fault)}` : undefined;
}

function sourceStatus(
  { source, list, problem }: Looking,
  doubles: readonly LeftOut[],
): SourceStatus {
  const { origin, place } = source;
  const state = problem !== undefined ? 'failing' : list === undefined ? 'looking' : 'listed';
  return {
    ...{ origin, place, state },
    ...(problem !== undefined && { problem }),
    engines: list?.engines.length ?? 0,
    left_out: [...(list?.leftOut ?? []), ...doubles],
  };
}

function messageOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault);
}
