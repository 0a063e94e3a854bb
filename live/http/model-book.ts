import { JsonObject } from '#live/bytes/json-object.ts';
import type { Clock } from '#live/clock.ts';
import { askEngine } from '#live/engines/ask-engine.ts';
import type { EngineSettings } from '#live/engines/engine-settings.ts';
import type { EngineEndpoint } from '#live/routing/route-ask.ts';

/** Lists older than this are asked for again before a model is called unknown, or listed. */
const STALE_NS = 1e9;
const TIMEOUT_MS = 2_000;

interface Listing {
  /** Each model as its engine describes it, byte for byte. */
  readonly models: ReadonlyMap<string, { readonly text: string; readonly isAdapter: boolean }>;
}

export interface ModelBookOptions {
  readonly engines: () => readonly EngineEndpoint[];
  readonly settings: ReadonlyMap<string, EngineSettings>;
  readonly clock: Clock;
}

/** Which engine serves which models, as each engine lists them. */
export class ModelBook {
  readonly #options: ModelBookOptions;
  readonly #listings = new Map<string, Listing>();
  /** Names of engines that did not answer last time, and of those that are being asked. */
  readonly #silent = new Set<string>();
  readonly #asked = new Set<string>();
  #askedNs = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;

  constructor(options: ModelBookOptions) {
    this.#options = options;
  }

  /**
   * Asks all engines, unless that was just done. An engine that says nothing keeps what it said before,
   * and the next time it is asked nobody waits for it.
   */
  async refresh(): Promise<void> {
    const { clock, engines } = this.#options;
    if (this.#asking !== undefined) return this.#asking;
    if (clock.nowNs() - this.#askedNs < STALE_NS) return;
    this.#askedNs = clock.nowNs();
    const there = engines();
    const names = new Set(there.map(({ name }) => name));
    for (const known of [this.#listings, this.#silent]) {
      for (const name of known.keys()) if (!names.has(name)) known.delete(name);
    }
    const awaited = there.filter(({ name }) => !this.#silent.has(name));
    for (const engine of there) if (!awaited.includes(engine)) void this.#ask(engine);
    this.#asking = Promise.all(awaited.map((engine) => this.#ask(engine))).then(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /**
   * The engines that serve a model: all of them where some list is not known, since one of those may;
   * undefined where every list is known and has no such model.
   */
  async enginesOf(model: string): Promise<ServedBy | undefined> {
    await this.refresh();
    return this.knownEnginesOf(model);
  }

  /** Ids of all models, in the order of the engines. */
  get ids(): readonly string[] {
    return [...this.#merged().keys()];
  }

  /** The body of `GET /v1/models`. */
  list(): string {
    return `{"object":"list","data":[${[...this.#merged().values()].join(',')}]}`;
  }

  /** The same by the lists as they are known now. */
  knownEnginesOf(model: string): ServedBy | undefined {
    const engines = this.#options.engines();
    if (model === '') return { workers: undefined, isAdapter: false };
    let isAdapter = false;
    const unknown = engines.some(({ name }) => !this.#listings.has(name));
    const serving = engines.filter(({ name }) => {
      const found = this.#listings.get(name)?.models.get(model);
      isAdapter ||= found?.isAdapter ?? false;
      return found !== undefined || !this.#listings.has(name);
    });
    if (serving.length === 0) return unknown ? { workers: undefined, isAdapter } : undefined;
    const workers = serving.length === engines.length ? undefined : serving.map(({ name }) => name);
    return { workers, isAdapter };
  }

  #merged(): ReadonlyMap<string, string> {
    const merged = new Map<string, string>();
    for (const { name } of this.#options.engines()) {
      for (const [id, { text }] of this.#listings.get(name)?.models ?? []) {
        if (!merged.has(id)) merged.set(id, text);
      }
    }
    return merged;
  }

  async #ask(engine: EngineEndpoint): Promise<void> {
    if (this.#asked.has(engine.name)) return;
    this.#asked.add(engine.name);
    try {
      const apiKey = this.#options.settings.get(engine.name)?.apiKey;
      const question = { url: engine.url, path: '/v1/models', timeoutMs: TIMEOUT_MS, apiKey };
      const { status, text } = await askEngine(question);
      if (status === 200) this.#listings.set(engine.name, listingOf(text));
      this.#silent.delete(engine.name);
    } catch {
      // Who does not answer is asked again; health is somebody else's business.
      this.#silent.add(engine.name);
    }
    this.#asked.delete(engine.name);
  }
}

export interface ServedBy {
  /** Names of the engines; undefined = all. */
  readonly workers: readonly string[] | undefined;
  /** The model is a LoRA adapter on another one. */
  readonly isAdapter: boolean;
}

function listingOf(text: string): Listing {
  const models = new Map<string, { text: string; isAdapter: boolean }>();
  for (const model of new JsonObject(Buffer.from(text)).objects('data')) {
    const id = model.kind('id') === 'string' ? (model.value('id') as string) : undefined;
    if (id === undefined) continue;
    const raw = model.bytes.toString('utf8', model.from, model.to);
    models.set(id, { text: raw, isAdapter: model.kind('parent') === 'string' });
  }
  return { models };
}
