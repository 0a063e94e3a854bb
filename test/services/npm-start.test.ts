import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type RunningMocks, startMockEngines } from '#test/support/mock-engines.ts';
import { until } from '#test/support/until.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
const PATIENCE_MS = 60_000;
/** Tokens of an answer that takes seconds, at a millisecond each. */
const LONG = 2_000;

const folder = mkdtempSync(join(tmpdir(), 'windtunnel-serve-'));
const file = join(folder, 'serve.yaml');
let mocks: RunningMocks;

beforeAll(async () => {
  mocks = await startMockEngines({ kvEvents: false });
  const engines = [{ name: 'a', url: mocks.engines[0]!.url }];
  const router = { use_kv_events: false };
  writeFileSync(file, JSON.stringify({ http: { port: 0 }, router, engines }));
});

afterAll(async () => {
  await mocks.close();
  rmSync(folder, { recursive: true });
});

/** `npm start -s -- serve` in a group of processes of its own, as a shell or a supervisor starts it. */
async function startByNpm() {
  const args = ['start', '-s', '--', 'serve', '--config', file];
  const npm = spawn('npm', args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  onTestFinished(() => endGroup(npm));
  const said: string[] = [];
  npm.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  let url = '';
  npm.stdout.on('data', (chunk: Buffer) => {
    url += chunk.toString().split(' ')[0];
  });
  await until('it serves', () => url !== '');
  return { npm, url, said };
}

/** Ends what a test has left behind. */
function endGroup({ pid }: ChildProcess): void {
  try {
    process.kill(-pid!, 'SIGKILL');
  } catch {
    // Nothing is left of it.
  }
}

/** Begins an answer that goes on while the router ends. */
async function longAnswer(url: string): Promise<Response> {
  return fetch(`${url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'tiny', prompt: [5, 6, 7], max_tokens: LONG, stream: true }),
  });
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  'a %s to npm ends the router, requests under way first',
  async (signal) => {
    const { npm, url, said } = await startByNpm();
    const answer = await longAnswer(url);
    // Whoever still holds its streams keeps them from being closed.
    const closed = once(npm, 'close');
    npm.kill(signal);
    expect((await answer.text()).trimEnd().endsWith('data: [DONE]')).toBe(true);
    expect(await closed).toEqual([0, null]);
    expect(said.join('')).toBe('note: requests under way may end; a second signal cuts them off\n');
  },
  PATIENCE_MS,
);

test(
  'a signal to the whole group, which comes through several hands, is one',
  async () => {
    const { npm, url, said } = await startByNpm();
    const answer = await longAnswer(url);
    const closed = once(npm, 'close');
    process.kill(-npm.pid!, 'SIGTERM');
    expect((await answer.text()).trimEnd().endsWith('data: [DONE]')).toBe(true);
    await closed;
    expect(said.join('')).not.toContain('cut off');
  },
  PATIENCE_MS,
);
