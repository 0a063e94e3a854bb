import { resolve } from 'node:path';
import { msToNs } from '#core/base/time.ts';
import type { EngineRole } from '#core/config/serve/engine-list.ts';
import type { ServeConfig } from '#core/config/serve/serve-schema.ts';
import type { Timers } from '../clock.ts';
import type { DiscoverySource } from '../discovery/discovery-source.ts';
import { DnsSource } from '../discovery/dns-source.ts';
import { DynamoSource } from '../discovery/dynamo/dynamo-source.ts';
import { EtcdRecords } from '../discovery/dynamo/etcd-records.ts';
import { FileRecords } from '../discovery/dynamo/file-records.ts';
import { EngineFleet } from '../discovery/engine-fleet.ts';
import { FileSource } from '../discovery/file-source.ts';
import { StaticSource } from '../discovery/static-source.ts';
import type { EngineSettings } from '../engines/engine-settings.ts';
import { readEngineSettings } from '../engines/read-secrets.ts';
import { type FoundEngine, scoutEngine } from './engine-scout.ts';

/** How long a router waits for the other engines once one has answered. */
const GATHERING_MS = 3_000;
const MS_PER_SECOND = 1_000;

export interface OpenFleetOptions {
  readonly config: ServeConfig;
  /** What relative paths of the config start from. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly note: (text: string) => void;
  readonly timers: Timers;
  /** Those of the config's own engines; gets those of others as they are found. */
  readonly settings: Map<string, EngineSettings>;
}

/** The engines of a config and of the places that it names, which are looked at from now on. */
export function openFleet(options: OpenFleetOptions): EngineFleet {
  const { note, settings, timers, env, folder } = options;
  return new EngineFleet({
    sources: sourcesOf(options),
    note,
    scout: async ({ entry, origin, dynamoWorker }, signal) => {
      if (origin !== 'static') {
        const [own] = readEngineSettings([entry], { env, folder }).values();
        settings.set(entry.name, { ...own!, ...(dynamoWorker && { dynamoWorker }) });
      }
      return scoutEngine(entry, { settings, timers, signal });
    },
  });
}

/** In the order in which they count where two list an engine of the same name. */
function sourcesOf({ config, folder }: OpenFleetOptions): readonly DiscoverySource[] {
  const { engines, discovery: { file, dns = [], dynamo } = {}, event_plane } = config;
  const sources: DiscoverySource[] = [];
  if (engines.length > 0) sources.push(new StaticSource(engines));
  if (file !== undefined) {
    const intervalMs = file.interval_secs * MS_PER_SECOND;
    sources.push(new FileSource({ path: resolve(folder, file.path), intervalMs }));
  }
  for (const name of dns) sources.push(new DnsSource(name));
  if (dynamo !== undefined) {
    const { file: root, etcd = [], interval_secs, ...choice } = dynamo;
    const intervalMs = interval_secs * MS_PER_SECOND;
    const store =
      root === undefined
        ? new EtcdRecords(etcd)
        : new FileRecords({ root: resolve(folder, root), intervalMs });
    const readsNats = event_plane?.subscribe?.nats !== undefined;
    sources.push(new DynamoSource(store, { ...choice, readsNats }));
  }
  return sources;
}

/**
 * The engines that answer within a while of the first one that does, one of each role at least;
 * none when the signal aborts before.
 */
export async function gatherEngines(
  fleet: EngineFleet,
  { note, timers }: Pick<OpenFleetOptions, 'note' | 'timers'>,
  signal: AbortSignal,
): Promise<readonly FoundEngine[]> {
  const remind = (): void => note(`waiting for an engine: ${missingText(fleet)}`);
  const cancel = timers.after(msToNs(GATHERING_MS), remind);
  const stop = (): void => void fleet.close();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  await fleet.until(() => isServable(fleet.answered));
  cancel();
  await Promise.race([
    fleet.until(() => fleet.hasLooked && fleet.answered.length === fleet.entries.length),
    new Promise<void>((done) => void timers.after(msToNs(GATHERING_MS), done)),
  ]);
  signal.removeEventListener('abort', stop);
  if (signal.aborted) return [];
  const kindred = kindOf(fleet.answered);
  return fleet.answered.filter(({ entry }) => kindred.has(entry.role));
}

/** Roles that go together: of engines that compute whole requests, or of those that share them out. */
export function kindOf(found: readonly FoundEngine[]): ReadonlySet<EngineRole> {
  const isWhole = found.some(({ entry }) => entry.role === 'aggregated');
  return new Set<EngineRole>(isWhole ? ['aggregated'] : ['prefill', 'decode']);
}

/** Prompts and answers can both be computed. */
function isServable(found: readonly FoundEngine[]): boolean {
  const has = (role: EngineRole): boolean => found.some(({ entry }) => entry.role === role);
  return has('aggregated') || (has('prefill') && has('decode'));
}

/** Who has not answered yet, or who has listed nobody. */
function missingText(fleet: EngineFleet): string {
  const answered = new Set(fleet.answered.map(({ entry }) => entry.name));
  const silent = fleet.entries.filter(({ name }) => !answered.has(name));
  if (silent.length > 0) return silent.map(({ name, url }) => `${name} (${url})`).join(', ');
  const places = fleet.status().sources.map(({ origin, place }) => `${origin} ${place}`);
  return `none is listed by ${places.join(', ')}`;
}
