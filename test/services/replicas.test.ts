import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { JournalVerifier } from '#core/journal/verifier.ts';
import type { ReplicasStatus } from '#live/replicas/replicas-status.ts';
import type { ServeStatus } from '#live/routing/serve-status.ts';
import { LossyLink } from '#test/support/lossy-link.ts';
import { type RunningMocks, startMockEngines } from '#test/support/mock-engines.ts';
import { readConfig } from '#ui/cli/config-file.ts';
import { loadTrace } from '#ui/cli/load-trace.ts';
import { statusLines } from '#ui/cli/views/status-lines.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'ui', 'cli', 'main.ts');
const NAMES = ['a', 'b', 'c'] as const;
/** After so long a request of another router is no load any more, when its end was lost. */
const EXPIRY_S = 6;
const SHORT = 120;
const LONG = 4;
/** A message in five is lost, one in five comes twice, and three in ten come after later ones. */
const LOSSINESS = { drop: 0.2, repeat: 0.2, hold: 0.3 };
const SEED = 7;

type Status = ServeStatus & { readonly replicas: ReplicasStatus };

const folder = mkdtempSync(join(tmpdir(), 'windtunnel-replicas-'));
const processes: ChildProcess[] = [];
/** In the order of their names. */
const urls: string[] = [];
const said: string[] = [];
/** By who hears: the two ways that lead to a router. */
const ways = new Map<string, LossyLink[]>();
let mocks: RunningMocks;

const socket = (name: string): string => `ipc://${join(folder, name)}.sock`;

async function startRouter(name: string, place: number): Promise<void> {
  const others = NAMES.filter((other) => other !== name);
  for (const other of others) {
    const at = socket(`${other}-to-${name}`);
    const way = await LossyLink.open(socket(other), at, SEED + ways.size);
    ways.set(name, [...(ways.get(name) ?? []), way]);
  }
  const config = {
    http: { port: 0 },
    engines: mocks.engines.map(({ name: engine, url, kvEvents, kvReplay }) => ({
      ...{ name: engine, url, block_size: 16, kv_events: kvEvents, kv_replay: kvReplay },
    })),
    router: { router_active_request_expiry_secs: EXPIRY_S },
    replicas: {
      transport: 'zmq',
      bind: socket(name),
      peers: others.map((other) => socket(`${other}-to-${name}`)),
    },
    telemetry: { log: 'none' },
    journal: { path: `${name}.journal.jsonl` },
  };
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, JSON.stringify(config));
  const router = spawn(process.execPath, [MAIN, 'serve', '--config', file], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  processes.push(router);
  router.stderr!.on('data', (chunk: Buffer) => said.push(`${name}: ${chunk}`));
  router.stdout!.setEncoding('utf8');
  const [line] = (await once(router.stdout!, 'data')) as [string];
  urls[place] = line.split(' ')[0]!;
}

/** A prompt of 6 blocks that the requests of one document share, and one token of its own. */
function promptOf(at: number): readonly number[] {
  const text = Array.from({ length: 96 }, (_, token) => 300 + ((7 * (at % 5) + token) % 500));
  return [...text, 900 + at];
}

function post(url: string, at: number, more: object, signal?: AbortSignal): Promise<Response> {
  return fetch(`${url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'tiny', prompt: promptOf(at), ...more }),
    ...(signal && { signal }),
  });
}

async function statusOf(url: string): Promise<Status> {
  return (await fetch(`${url}/status`)).json() as Promise<Status>;
}

function statuses(): Promise<readonly Status[]> {
  return Promise.all(urls.map(statusOf));
}

/** What a router has on all engines together, its own requests and those of the others. */
function loadOf({ engines }: Status) {
  const ranks = engines.flatMap((engine) => engine.ranks);
  const sum = (key: 'active_requests' | 'active_blocks' | 'prefill_tokens'): number =>
    ranks.reduce((total, rank) => total + rank[key], 0);
  return {
    requests: sum('active_requests'),
    blocks: sum('active_blocks'),
    tokens: sum('prefill_tokens'),
  };
}

/** Messages on the ways to a router that did not get through. */
function lostTo(name: string): number {
  return ways.get(name)!.reduce((sum, { counts }) => sum + counts.dropped, 0);
}

beforeAll(async () => {
  // A token every hundredth of a second, so that requests that last cost little.
  const timing = { type: 'linear', base_ms: 10, per_prefill_token_ms: 0.002 } as const;
  mocks = await startMockEngines({ count: 2, speed: 1, engine: { block_size: 16, timing } });
  await Promise.all(NAMES.map(startRouter));
}, 60_000);

afterAll(async () => {
  for (const router of processes) router.kill('SIGKILL');
  await Promise.all([...ways.values()].flat().map((way) => way.close()));
  await mocks?.close();
  rmSync(folder, { recursive: true });
});

test('three routers hear each other', async () => {
  const heard = async (): Promise<number> => {
    await Promise.all(urls.map((url, at) => post(url, at, { max_tokens: 1 })));
    const peers = (await statuses()).map(({ replicas }) => replicas.peers.length);
    return Math.min(...peers);
  };
  // Who subscribes late misses the first of them.
  await expect.poll(heard, { timeout: 30_000 }).toBe(2);
  const none = async () => (await statuses()).map((status) => loadOf(status).requests);
  await expect.poll(none, { timeout: 30_000 }).toEqual([0, 0, 0]);
}, 60_000);

test('over lossy links each has what got through, and nobody is off by more than was lost', async () => {
  for (const way of [...ways.values()].flat()) way.lossiness = LOSSINESS;
  const leaver = new AbortController();
  const long = await Promise.all(
    Array.from({ length: 3 * LONG }, (_, at) =>
      post(urls[at % 3]!, at, { max_tokens: 15_000, stream: true }, leaver.signal),
    ),
  );
  for (let sent = 0; sent < SHORT; sent += 10) {
    const batch = Array.from({ length: 10 }, (_, at) =>
      post(urls[(sent + at) % 3]!, sent + at, { max_tokens: 3 }).then((answer) => answer.json()),
    );
    for (const answer of await Promise.all(batch)) expect(answer).toHaveProperty('choices');
  }
  for (const way of [...ways.values()].flat()) await way.heal();
  // Load is what has come and not ended, unless it took too long on a machine that is slow today.
  const isSettled = async (): Promise<readonly boolean[]> =>
    (await statuses()).map(({ replicas }, at) => {
      const open = ways.get(NAMES[at]!)!.reduce((sum, way) => sum + way.open, 0);
      const { active_requests, expired_requests } = replicas;
      return active_requests <= open && active_requests >= open - expired_requests;
    });
  await expect.poll(isSettled, { timeout: 10_000 }).toEqual([true, true, true]);
  for (const [at, status] of (await statuses()).entries()) {
    const { replicas, books } = status;
    expect(books.requests).toBe(LONG);
    const { requests } = loadOf(status);
    expect(requests).toBe(LONG + replicas.active_requests);
    const lost = lostTo(NAMES[at]!);
    expect(lost).toBeGreaterThan(0);
    expect(replicas.repeated).toBeGreaterThan(0);
    expect(requests - 3 * LONG).toBeLessThanOrEqual(lost);
    expect(requests - 3 * LONG).toBeGreaterThanOrEqual(-lost - replicas.expired_requests);
  }
  leaver.abort();
  await Promise.allSettled(long.map((answer) => answer.text()));
}, 60_000);

test('after the load the books of all three drain to zero', async () => {
  const left = async () =>
    (await statuses()).map((status) => ({
      ...loadOf(status),
      own: status.books.requests,
      others: status.replicas.active_requests,
    }));
  const nothing = { requests: 0, blocks: 0, tokens: 0, own: 0, others: 0 };
  await expect
    .poll(left, { timeout: 4_000 * EXPIRY_S, interval: 100 })
    .toEqual([nothing, nothing, nothing]);
}, 60_000);

test('status and metrics tell of the others', async () => {
  const [status] = (await statuses()) as [Status, ...Status[]];
  const { replicas } = status;
  expect(replicas).toMatchObject({ transport: 'zmq', address: socket('a'), dropped: 0 });
  expect(replicas).toMatchObject({ unreadable: 0, unknown_worker: 0, waiting: 0 });
  const text = statusLines(urls[0]!, status).join('\n');
  expect(text).toContain(`this is ${replicas.router_id}, reached over zmq at ${socket('a')}`);
  for (const { router_id } of replicas.peers) expect(text).toContain(router_id);
  const metrics = await (await fetch(`${urls[0]}/metrics`)).text();
  expect(metrics).toContain(`windtunnel_replica_sent_total ${replicas.sent}\n`);
  expect(metrics).toContain(`windtunnel_replica_received_total ${replicas.received}\n`);
  expect(metrics).toContain(`windtunnel_replica_missed_messages ${replicas.missed_messages}\n`);
  expect(replicas.missed_messages).toBeGreaterThan(0);
});

test('SIGTERM ends them, and each journal gives every decision again', async () => {
  for (const router of processes) router.kill('SIGTERM');
  for (const router of processes) {
    if (router.exitCode === null) await once(router, 'exit');
    expect(router.exitCode).toBe(0);
  }
  const notes = /: note: (requests under way may end|KV events of)/;
  expect(said.filter((text) => !notes.test(text))).toEqual([]);
  for (const name of NAMES) {
    const path = join(folder, `${name}.journal.jsonl`);
    const bytes = readFileSync(path);
    const verifier = new JournalVerifier(name);
    verifier.push(bytes);
    const { whole, decisions, difference } = verifier.finish();
    expect([whole, difference]).toEqual([true, undefined]);
    expect(decisions).toBeGreaterThan(SHORT / 3);
    expect(bytes.toString()).toMatch(/^\["e",/m);
    // As a trace it is what came to this router, and not what the others told it.
    const { value } = readConfig(path);
    expect(await loadTrace(path, resolveConfig(value), false)).toMatchObject({
      requests: decisions,
    });
  }
}, 60_000);
