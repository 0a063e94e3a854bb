import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { BreakableWay } from '#test/support/breakable-way.ts';
import { type RunningMocks, startMockEngines } from '#test/support/mock-engines.ts';
import { until } from '#test/support/until.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'ui', 'cli', 'main.ts');
/** Longer than the three seconds after which a router says that it waits, many times over. */
const PATIENCE_MS = 60_000;

let mocks: RunningMocks;

beforeAll(async () => {
  mocks = await startMockEngines({ kvEvents: false });
});

afterAll(() => mocks.close());

/** A router whose only engine is down. */
class WaitingRouter {
  readonly folder = mkdtempSync(join(tmpdir(), 'windtunnel-serve-'));
  readonly child: ChildProcess;
  said = '';
  answered = '';

  constructor(config: object, files: Readonly<Record<string, object>> = {}) {
    const router = { use_kv_events: false };
    const all = { ...files, 'serve.yaml': { http: { port: 0 }, router, ...config } };
    for (const [name, content] of Object.entries(all)) {
      writeFileSync(join(this.folder, name), JSON.stringify(content));
    }
    const args = [MAIN, 'serve', '--config', join(this.folder, 'serve.yaml')];
    this.child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stderr!.on('data', (chunk: Buffer) => {
      this.said += chunk.toString();
    });
    this.child.stdout!.on('data', (chunk: Buffer) => {
      this.answered += chunk.toString();
    });
    onTestFinished(() => {
      this.child.kill('SIGKILL');
      rmSync(this.folder, { recursive: true });
    });
  }

  /** Resolves when it has said something, or has ended. */
  async hears(text: string): Promise<void> {
    const isOver = (): boolean => this.child.exitCode !== null;
    await until(
      `"${text}" is said`,
      () => `${this.said}${this.answered}`.includes(text) || isOver(),
    );
    expect(this.child.exitCode, this.said).toBe(null);
  }

  async end(): Promise<readonly unknown[]> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    return ended;
  }
}

/** A way to the engine that nobody can take yet. */
async function brokenWay(): Promise<BreakableWay> {
  const way = await BreakableWay.open(Number(new URL(mocks.engines[0]!.url).port));
  await way.break();
  return way;
}

test(
  'a router waits for the only engine of its config, and serves when that is there',
  async () => {
    const way = await brokenWay();
    const url = `http://127.0.0.1:${way.port}`;
    const router = new WaitingRouter({ engines: [{ name: 'a', url }] });
    await router.hears(`note: waiting for an engine: a (${url})\n`);
    await way.mend();
    onTestFinished(() => way.break());
    await router.hears(' serves a by kv_router\n');
    expect(await router.end()).toEqual([0, null]);
  },
  PATIENCE_MS,
);

test(
  'a router finds the engines of a file alone, which says its version',
  async () => {
    const engines = [{ name: 'a', url: mocks.engines[0]!.url }];
    const router = new WaitingRouter(
      { discovery: { file: { path: 'engines.yaml' } } },
      { 'engines.yaml': { version: 1, engines } },
    );
    await router.hears(' serves a by kv_router\n');
    expect(await router.end()).toEqual([0, null]);
  },
  PATIENCE_MS,
);

test(
  'SIGTERM ends a router that waits for an engine, with exit code 0',
  async () => {
    const way = await brokenWay();
    const engines = [{ name: 'a', url: `http://127.0.0.1:${way.port}` }];
    const router = new WaitingRouter({ engines });
    await router.hears('note: waiting for an engine');
    expect(await router.end()).toEqual([0, null]);
    expect(router.answered).toBe('');
  },
  PATIENCE_MS,
);
