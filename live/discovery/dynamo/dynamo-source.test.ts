import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { needReference } from '#test/shared.ts';
import { EtcdServer } from '#test/support/etcd-server.ts';
import { until } from '#test/support/until.ts';
import type { Sighting } from '../discovery-source.ts';
import { DynamoSource } from './dynamo-source.ts';
import { EtcdRecords } from './etcd-records.ts';
import { FileRecords } from './file-records.ts';
import type { RecordStore } from './record-store.ts';

const WORKERS = ['10592862815411525062', '9446700635067512476'];
/** Longer than Dynamo takes a file for alive that nobody touches. */
const LONG_AGO_S = 60;

let stop: AbortController;
const seen: Sighting[] = [];

beforeEach(() => {
  stop = new AbortController();
  seen.length = 0;
});

afterEach(() => stop.abort());

/** Follows a store as a source does, behind a frontend. */
function follow(store: RecordStore): void {
  const choice = { endpoint: 'generate', frontend: 'http://127.0.0.1:8300', readsNats: false };
  const source = new DynamoSource(store, choice);
  void (async () => {
    for await (const sighting of source.sightings(stop.signal)) seen.push(sighting);
  })();
}

/** Names of the engines of the last list; what is wrong where there is none. */
function last(): string {
  const sighting = seen.at(-1);
  if (sighting?.kind !== 'list') return sighting?.why ?? 'nothing';
  return sighting.engines
    .map(({ entry }) => entry.name)
    .sort()
    .join();
}

function allFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

test('the file store of a Dynamo that ran is read, and what nobody touches any more is gone', async (context) => {
  const recorded = needReference(context, 'peers', 'dynamo', 'file-discovery');
  const root = mkdtempSync(join(tmpdir(), 'windtunnel-dynamo-'));
  context.onTestFinished(() => rmSync(root, { recursive: true }));
  follow(new FileRecords({ root: join(root, 'kv'), intervalMs: 10 }));
  await until('it says that there is no store', () => last().includes('ENOENT'));
  cpSync(recorded, join(root, 'kv'), { recursive: true });
  const now = new Date();
  for (const path of allFiles(join(root, 'kv'))) utimesSync(path, now, now);
  await until('both workers are found', () => last() === WORKERS.join());
  const list = seen.at(-1) as Extract<Sighting, { kind: 'list' }>;
  expect(list.planeAddresses).toEqual(['tcp://127.0.0.1:39099', 'tcp://127.0.0.1:39429']);
  expect(list.leftOut).toEqual([]);
  expect(list.engines[0]!.entry).toMatchObject({ block_size: 16, num_gpu_blocks: 64 });
  // A worker that died, and a file on its way to its name.
  const long = Date.now() / 1000 - LONG_AGO_S;
  for (const path of allFiles(join(root, 'kv', 'v1', 'instances'))) {
    if (path.endsWith('generate%2F83196c2d44a7f69c')) utimesSync(path, long, long);
  }
  await until('the dead one is gone', () => last() === WORKERS[0]);
  writeFileSync(join(root, 'kv', 'v1', 'mdc', '.tmp_0011'), '{"type":');
  writeFileSync(join(root, 'kv', 'v1', 'mdc', 'broken'), '{"type":');
  await until('what cannot be read is told of', () => {
    const sighting = seen.at(-1);
    return sighting?.kind === 'list' && sighting.leftOut.length === 1;
  });
  expect((seen.at(-1) as typeof list).leftOut[0]).toMatchObject({ name: 'v1/mdc/broken' });
  expect(last()).toBe(WORKERS[0]);
});

test('the same records are read from a real etcd, watched, and read again after it was away', async (context) => {
  const recorded = needReference(context, 'peers', 'dynamo', 'file-discovery');
  const etcd = await EtcdServer.start();
  context.onTestFinished(() => etcd.stop());
  follow(new EtcdRecords([etcd.url]));
  await until('the empty store is read', () => seen.length === 1);
  expect(last()).toBe('');
  const keys: string[] = [];
  for (const path of allFiles(recorded)) {
    const key = decodeURIComponent(path.slice(recorded.length + 1));
    keys.push(key);
    await etcd.put(key, readFileSync(path, 'utf8'));
  }
  await until('both workers are found', () => last() === WORKERS.join());
  const gone = keys.find((key) =>
    key.endsWith('instances/dynamo/backend/generate/83196c2d44a7f69c'),
  );
  await etcd.delete(gone!);
  await until('one has gone', () => last() === WORKERS[0]);
  await etcd.down();
  await until('that is told of', () => seen.at(-1)?.kind === 'trouble');
  await etcd.up();
  await until('the store is read again', () => last() === WORKERS[0]);
  await etcd.compact();
  await etcd.put('v1/mdc/broken', '{');
  await until('changes are seen after a compaction', () => {
    const sighting = seen.at(-1);
    return sighting?.kind === 'list' && sighting.leftOut.length === 1;
  });
});
