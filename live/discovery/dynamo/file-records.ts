import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BUCKETS, type RecordStore, type StoreState } from './record-store.ts';

/**
 * Dynamo touches its files every few seconds and takes one that has not been touched for so long for
 * one whose process is gone (lib/runtime/src/storage/kv/file.rs).
 */
const ALIVE_MS = 10_000;
/** Files on their way to their names. */
const TEMPORARY = '.tmp_';

export interface FileRecordsOptions {
  /** The root of the store, `DYN_FILE_KV`. */
  readonly root: string;
  readonly intervalMs: number;
  readonly nowMs?: () => number;
}

/** The file store of Dynamo's discovery: a file a record, its key percent-encoded in its name. */
export class FileRecords implements RecordStore {
  readonly place: string;
  readonly #options: FileRecordsOptions;

  constructor(options: FileRecordsOptions) {
    this.#options = options;
    this.place = options.root;
  }

  async *states(signal: AbortSignal): AsyncIterable<StoreState> {
    const { root, intervalMs, nowMs = Date.now } = this.#options;
    let before: string | undefined;
    while (!signal.aborted) {
      const state = await look(root, nowMs() - ALIVE_MS);
      const now = JSON.stringify(state.kind === 'records' ? [...state.records] : state.why);
      if (now !== before) yield state;
      before = now;
      await sleep(intervalMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}

async function look(root: string, aliveSinceMs: number): Promise<StoreState> {
  try {
    await stat(root);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    return { kind: 'trouble', why: `${root} cannot be read (${code})` };
  }
  const records = new Map<string, string>();
  for (const bucket of BUCKETS) {
    for (const [key, text] of await readBucket(join(root, bucket), aliveSinceMs)) {
      records.set(`${bucket}/${key}`, text);
    }
  }
  return { kind: 'records', records };
}

/** The records of one folder; one that is not there, or goes while it is read, has none. */
async function readBucket(folder: string, aliveSinceMs: number): Promise<[string, string][]> {
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names
      .filter((name) => !name.startsWith(TEMPORARY))
      .sort()
      .map(async (name): Promise<[string, string][]> => {
        const path = join(folder, name);
        try {
          const { mtimeMs } = await stat(path);
          return mtimeMs < aliveSinceMs ? [] : [[name, await readFile(path, 'utf8')]];
        } catch {
          return [];
        }
      }),
  );
  return found.flat();
}
