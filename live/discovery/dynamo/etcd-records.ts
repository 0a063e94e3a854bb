import { setTimeout as sleep } from 'node:timers/promises';
import { hideCredentials } from '#core/base/hide-secrets.ts';
import { EtcdGateway } from './etcd-gateway.ts';
import type { RecordStore, StoreState } from './record-store.ts';

/** What all keys of Dynamo's discovery begin with. */
const PREFIX = 'v1/';
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/**
 * The etcd store of Dynamo's discovery: read once and watched from there; read anew when the watch
 * ends, at the next of its servers. Keys of dead processes go with their leases.
 */
export class EtcdRecords implements RecordStore {
  readonly place: string;
  readonly #urls: readonly string[];

  /** At least one URL of a server of one cluster. */
  constructor(urls: readonly string[]) {
    this.#urls = urls;
    this.place = hideCredentials(urls.join(', '));
  }

  async *states(signal: AbortSignal): AsyncIterable<StoreState> {
    let pauseMs = FIRST_PAUSE_MS;
    let told = '';
    for (let attempt = 0; !signal.aborted; attempt++) {
      const url = this.#urls[attempt % this.#urls.length]!;
      try {
        for await (const records of follow(new EtcdGateway(url), signal)) {
          yield { kind: 'records', records };
          pauseMs = FIRST_PAUSE_MS;
          told = '';
        }
      } catch (error) {
        if (signal.aborted) return;
        const reason = error instanceof Error ? error.message : String(error);
        const why = hideCredentials(`${url}: ${reason}`);
        if (why !== told) yield { kind: 'trouble', why };
        told = why;
        await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
        pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs);
      }
    }
  }
}

async function* follow(
  gateway: EtcdGateway,
  signal: AbortSignal,
): AsyncIterable<ReadonlyMap<string, string>> {
  const { revision, entries } = await gateway.range(PREFIX, signal);
  const records = new Map(entries.map(({ key, value = '' }) => [key, value]));
  yield new Map(records);
  for await (const changes of gateway.watch(PREFIX, revision + 1n, signal)) {
    for (const { key, value } of changes) {
      if (value === undefined) records.delete(key);
      else records.set(key, value);
    }
    yield new Map(records);
  }
}
