import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { InputError } from '#core/base/errors.ts';
import { configDigest } from '#core/config/digest.ts';
import { writableConfig } from '#core/config/effect.ts';
import { poolsOf } from '#core/config/pools.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import { tellsKvEvents } from '#core/config/serve/kv-event-places.ts';
import type { ReplicasConfig } from '#core/config/serve/replicas.ts';
import { withCapacities } from '#core/config/serve/resolve-serve.ts';
import type { Capacities } from '#core/config/serve/run-of-serve.ts';
import type { ServeConfig } from '#core/config/serve/serve-schema.ts';
import type { UserPolicies } from '#core/router/user-policies.ts';
import { type Clock, startClock, startTimers, type Timers } from '../clock.ts';
import type { EngineFleet } from '../discovery/engine-fleet.ts';
import { Availability } from '../engines/availability.ts';
import { availabilityText } from '../engines/availability-text.ts';
import type { EngineSettings } from '../engines/engine-settings.ts';
import { readEngineSettings } from '../engines/read-secrets.ts';
import { ownFaults } from '../faults.ts';
import { type Front, startFront } from '../http/front.ts';
import { type RunningJournal, startJournal } from '../journal/start-journal.ts';
import { type Replicas, startReplicas } from '../replicas/start-replicas.ts';
import type { LiveRouter } from '../routing/live-router.ts';
import { type OpenedLiveRouter, openLiveRouter } from '../routing/open-live-router.ts';
import { statusOf } from '../routing/serve-status.ts';
import { type AdviseFiles, openShadow } from '../shadow/open-shadow.ts';
import type { Shadow } from '../shadow/shadow.ts';
import { type OpenTelemetry, openTelemetry } from '../telemetry/open-telemetry.ts';
import { type OpenPromptReader, openPromptReader } from '../tokens/open-prompt-reader.ts';
import { askableEngines } from './askable-engines.ts';
import { blockSizeOf, capacitiesOf, type FoundEngine } from './engine-scout.ts';
import { EngineTies } from './engine-ties.ts';
import { EventPlane } from './event-plane.ts';
import { keepAlive } from './keep-alive.ts';
import { gatherEngines, kindOf, openFleet } from './open-fleet.ts';

export interface ServeOptions {
  readonly config: ServeConfig;
  /** What relative paths of the config start from. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Version of the program, for the journal. */
  readonly program: string;
  readonly policies?: UserPolicies;
  /** Other policies that the shadow of the config flies. */
  readonly advise?: AdviseFiles;
  /** What whoever runs the router should know: a line each. */
  readonly note: (text: string) => void;
  /** Gives the start up, while it waits for engines. */
  readonly signal: AbortSignal;
}

/** A router that serves. */
export interface Serving {
  readonly url: string;
  readonly router: LiveRouter;
  status(): object;
  /** Lets requests under way end, closes everything, and writes the end of the journal. */
  drain(): Promise<{ readonly finished: number; readonly cut: number }>;
  /** The same, and cuts requests off at once. */
  close(): Promise<void>;
}

/**
 * Starts a live router: waits for an engine, opens the router and its journal, follows events and
 * health, and listens. Throws an `InputError` for what the config cannot mean; undefined when the
 * signal aborts before an engine has answered.
 */
export function startServe(options: ServeOptions): Promise<Serving | undefined> {
  return keepAlive(() => start(options));
}

async function start(options: ServeOptions): Promise<Serving | undefined> {
  const { config, folder, env, note, signal } = options;
  const [clock, timers] = [startClock(), startTimers()];
  const settings = new Map(readEngineSettings(config.engines, { env, folder }));
  const fleet = openFleet({ config, folder, env, note, timers, settings });
  const found = await gatherEngines(fleet, { note, timers }, signal);
  if (found.length === 0) return undefined;
  // From here on the config is the one of all engines that are listed now and go together.
  const roles = kindOf(found);
  const engines = fleet.entries.filter(({ role }) => roles.has(role));
  const whole = { ...options, config: { ...config, engines } };
  const serving = new Server(whole, { clock, timers, settings, fleet });
  try {
    await serving.open(found);
  } catch (error) {
    await serving.close();
    throw error;
  }
  for (const { name, state } of fleet.status().engines) {
    if (state === 'asking') note(`engine ${name} does not answer yet`);
  }
  return serving;
}

interface ServerTools {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly settings: ReadonlyMap<string, EngineSettings>;
  readonly fleet: EngineFleet;
}

class Server implements Serving {
  readonly #options: ServeOptions;
  readonly #tools: ServerTools;
  readonly #halt = new AbortController();
  readonly #unlisten: () => void;
  #opened: OpenedLiveRouter | undefined;
  #ties: EngineTies | undefined;
  #plane: EventPlane | undefined;
  #replicas: Replicas | undefined;
  #journal: RunningJournal | undefined;
  #prompts: OpenPromptReader | undefined;
  #telemetry: OpenTelemetry | undefined;
  #front: Front | undefined;
  #shadow: Shadow | undefined;

  constructor(options: ServeOptions, tools: ServerTools) {
    this.#options = options;
    this.#tools = tools;
    this.#unlisten = ownFaults.listen(options.note);
  }

  get url(): string {
    return this.#front!.url;
  }

  get router(): LiveRouter {
    return this.#opened!.router;
  }

  async open(found: readonly FoundEngine[]): Promise<void> {
    const { config, folder, note, policies } = this.#options;
    const { clock, timers, settings, fleet } = this.#tools;
    const capacities = capacitiesOf(found);
    const run = withCapacities(config, capacities);
    const told = Object.values(capacities);
    const knowsBlocks = told.every(({ numGpuBlocks }) => numGpuBlocks !== undefined);
    refuseUnknownBlocks(config, knowsBlocks);
    refuseUnknownSize(config, found);
    this.#shadow = this.#openShadow(found, capacities);
    const journal = await this.#openJournal(run);
    const secret = randomBytes(8).readBigUInt64LE();
    const opened = openLiveRouter({
      ...{ run, knowsBlocks, seed: config.seed, secret, clock, timers },
      ...(policies && { policies }),
      ...(journal && { journal }),
      ...(this.#shadow && { watch: this.#shadow }),
    });
    this.#opened = opened;
    const { router } = opened;
    const availability = new Availability((engine, available, reason) => {
      router.setAvailable(engine, available, 'front');
      note(availabilityText(engine.name, available, reason));
    });
    const looksForPublishers = config.discovery?.dynamo && config.router.use_kv_events;
    const plane = await EventPlane.open({
      ...{ config: config.event_plane, facts: router.blocks, note },
      ...(looksForPublishers && { found: () => fleet.planeAddresses }),
    });
    this.#plane = plane;
    this.#ties = new EngineTies({
      ...{ router, plane, config, settings, availability, clock, timers, note },
      halt: this.#halt.signal,
      first: found.find((one) => blockSizeOf(one) !== undefined),
    });
    await fleet.open(this.#ties);
    await plane.listen();
    fleet.onList(() => plane.refresh());
    this.#replicas = config.replicas && (await this.#joinReplicas(router, config.replicas));
    this.#journal?.flushEvery(() => opened.flush());
    this.#prompts = await openPromptReader({
      ...{ config, folder, blockSize: router.pools[0]!.options.blockSize },
      engines: () => askableEngines(router.roster.engines, availability, settings),
      ...{ clock, timers, note },
    });
    this.#telemetry = await openTelemetry({
      ...{ config: config.telemetry, clock },
      status: () => statusOf(router, clock.nowNs()),
      kvFeeds: () => this.#ties!.status(),
      ...(this.#shadow && { shadow: this.#shadow }),
      replicas: () => this.#replicas?.status(),
      prompts: () => this.#prompts!.counts,
      tokenizer: () => this.#prompts!.tokenizer(),
      ...{ fleet: () => fleet.status(), plane: () => plane.status() },
      ...(this.#journal && { journal: this.#journal.status }),
    });
    await this.#shadow?.begun;
    this.#front = await startFront({
      ...{ config, folder, dispatcher: router, settings, availability, clock },
      engines: () => router.roster.engines,
      prompts: this.#prompts.reader,
      telemetry: this.#telemetry.front,
      status: this,
      report: (fault) => note(messageOf(fault)),
    });
  }

  status(): object {
    const { clock, fleet } = this.#tools;
    const shadow = this.#shadow?.status();
    const replicas = this.#replicas?.status();
    return {
      ...statusOf(this.router, clock.nowNs()),
      kv_events: this.#ties!.status(),
      event_plane: this.#plane!.status(),
      discovery: fleet.status(),
      own_faults: { count: ownFaults.count, ...(ownFaults.last && { last: ownFaults.last }) },
      ...(shadow && { shadow }),
      ...(replicas && { replicas }),
      ...(this.#journal && { journal: this.#journal.status() }),
    };
  }

  async drain(): Promise<{ readonly finished: number; readonly cut: number }> {
    const ended = await this.#front!.drain();
    await this.close();
    return ended;
  }

  /** Closes what is open; the front, if it listens, at once. */
  close(): Promise<void> {
    return keepAlive(() => this.#close());
  }

  async #close(): Promise<void> {
    this.#halt.abort();
    await this.#front?.close();
    await this.#replicas?.close();
    await this.#tools.fleet.close();
    await this.#ties?.close();
    await this.#plane?.close();
    await this.#prompts?.close();
    await this.#telemetry?.close();
    await this.#shadow?.close();
    this.#opened?.finish();
    await this.#journal?.close();
    this.#unlisten();
  }

  #openShadow(found: readonly FoundEngine[], capacities: Capacities): Shadow | undefined {
    const { config, advise, note } = this.#options;
    const engines = found.map(({ entry }) => entry);
    const { clock } = this.#tools;
    return openShadow({ config, engines, capacities, advise, clock, note });
  }

  #joinReplicas(router: LiveRouter, replicas: ReplicasConfig): Promise<Replicas> {
    const { config, folder, note } = this.#options;
    const expirySecs = config.router.router_active_request_expiry_secs;
    return startReplicas({ ...this.#tools, config: replicas, folder, router, expirySecs, note });
  }

  async #openJournal(run: ResolvedConfig) {
    const { config, folder, program, note } = this.#options;
    if (config.journal === undefined) return undefined;
    const path = resolve(folder, config.journal.path);
    const journal = await startJournal({
      config: { ...config.journal, path },
      pools: poolsOf(run).map(({ name }) => name),
      timers: this.#tools.timers,
      onFault: (file, reason) => note(`the journal ends here: ${file}: ${reason}`),
    });
    for (const aside of journal.movedAside) note(`an earlier journal is now ${aside}`);
    this.#journal = journal;
    const origin = { program, config: writableConfig(run), configSha256: configDigest(run) };
    return { origin, sink: journal.sink };
  }
}

/** Some keys count KV blocks, and nobody may have said how many there are. */
function refuseUnknownBlocks({ router }: ServeConfig, knowsBlocks: boolean): void {
  if (knowsBlocks) return;
  const counting = [
    router.active_decode_blocks_threshold !== undefined && 'active_decode_blocks_threshold',
    router.conditional_disagg_decode_busy_threshold !== undefined &&
      'conditional_disagg_decode_busy_threshold',
    !router.use_kv_events &&
      router.router_approximate_cache_policy === 'lru' &&
      'router_approximate_cache_policy',
  ].find((key) => key !== false);
  if (counting === undefined) return;
  throw new InputError('config_invalid', 'no engine says how many KV blocks it has', {
    path: `router.${counting}`,
    remedy: 'set num_gpu_blocks of the engines, or leave the key out',
  });
}

/** KV events name blocks, and mean nothing without their size. */
function refuseUnknownSize(config: ServeConfig, found: readonly FoundEngine[]): void {
  const { engines, router } = config;
  if (!router.use_kv_events || found.some((one) => blockSizeOf(one) !== undefined)) return;
  if (!tellsKvEvents(config)) return;
  const at = Math.max(
    0,
    engines.findIndex(({ kv_events }) => kv_events !== undefined),
  );
  throw new InputError('config_invalid', 'no engine says how many tokens its KV blocks have', {
    path: `engines[${at}].block_size`,
    remedy:
      'set it to what the engine was started with, such as 16 for vLLM by default, or router.use_kv_events to false; an engine of SGLang says it where backend is sglang',
  });
}

function messageOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault);
}
