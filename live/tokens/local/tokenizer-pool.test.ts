import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { NS_PER_S } from '#core/base/time.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { writeTinyTokenizer } from '#test/support/tiny-tokenizer.ts';
import { TokenizerPool } from './tokenizer-pool.ts';

/** A thread that does what its prompts say, since no tokenizer dies or hangs when a test wants it to. */
const OBEDIENT = `
import { parentPort } from 'node:worker_threads';
parentPort.postMessage({ kind: 'ready' });
parentPort.on('message', ({ id, body: { prompt } }) => {
  if (prompt === 'die') process.exit(3);
  if (prompt === 'hang') return;
  parentPort.postMessage({ kind: 'read', id, inputTokens: prompt.length, hashes: new BigUint64Array() });
});
`;

async function poolOf(threads: number) {
  const { folder } = writeTinyTokenizer();
  const scratch = mkdtempSync(join(tmpdir(), 'windtunnel-pool-'));
  const file = join(scratch, 'obedient.mjs');
  writeFileSync(file, OBEDIENT);
  const clock = new ManualClock();
  const notes: string[] = [];
  const pool = await TokenizerPool.open({
    ...{ threads, clock, timers: clock, note: (text: string) => void notes.push(text) },
    ...{ setup: { folder, blockSize: 16, cacheBytes: 0 }, file: pathToFileURL(file) },
  });
  onTestFinished(async () => {
    await pool.close();
    for (const made of [folder, scratch]) rmSync(made, { recursive: true });
  });
  const read = async (prompt: string, signal?: AbortSignal) => {
    const task = { route: 'completions', body: { prompt }, salt: {} } as const;
    return (await pool.read(task, signal))?.inputTokens;
  };
  const hasThreads = (count: number) =>
    vi.waitFor(() => expect(pool.status.threads).toBe(count), { timeout: 30_000 });
  return { pool, clock, notes, read, hasThreads };
}

test('a thread that dies is told of and replaced, and leaves what it had to the next reader', async () => {
  const { pool, clock, notes, read, hasThreads } = await poolOf(1);
  expect(await read('abc')).toBe(3);
  expect(await Promise.all([read('die'), read('abcd')])).toEqual([undefined, undefined]);
  expect(pool.status).toEqual({ threads: 0, replaced: 1, late: 0 });
  expect(notes).toEqual([
    'a tokenizer thread has ended, and another is started: its thread has ended with 3',
  ]);
  const waiting = read('abcde');
  clock.advance(NS_PER_S / 4);
  await hasThreads(1);
  expect(await waiting).toBe(5);
});

test('threads that die one after the other are started ever more slowly', async () => {
  const { pool, clock, read, hasThreads } = await poolOf(1);
  for (const pauseNs of [1, 2, 4].map((times) => (times * NS_PER_S) / 4)) {
    expect(await read('die')).toBeUndefined();
    clock.advance(pauseNs - 1);
    expect([pool.status.threads, clock.armed]).toEqual([0, 1]);
    clock.advance(1);
    await hasThreads(1);
  }
  expect(await read('abc')).toBe(3);
  expect(pool.status.replaced).toBe(3);
});

test('a prompt that takes too long is given up, and a thread that never answers is replaced', async () => {
  const { pool, clock, notes, read, hasThreads } = await poolOf(2);
  const hung = read('hang');
  clock.advance(2 * NS_PER_S);
  expect(await hung).toBeUndefined();
  expect(pool.status).toEqual({ threads: 2, replaced: 0, late: 1 });
  // The other one goes on meanwhile.
  clock.advance(27 * NS_PER_S);
  expect(await read('abc')).toBe(3);
  expect(pool.status.replaced).toBe(0);
  clock.advance(NS_PER_S);
  expect(await read('abc')).toBe(3);
  expect(notes).toEqual([expect.stringContaining('it has not answered for 30 s')]);
  clock.advance(NS_PER_S / 4);
  await hasThreads(2);
});

test('a prompt whose client leaves is waited for no longer, nor read if it waits for its turn', async () => {
  const { clock, read } = await poolOf(1);
  const gone = new AbortController();
  const left = [read('hang', gone.signal), read('hang', gone.signal), read('die', gone.signal)];
  gone.abort(new Error('gone'));
  for (const one of left) await expect(one).rejects.toThrow('gone');
  await expect(read('abc', gone.signal)).rejects.toThrow('gone');
  // Two were with the thread, which answers all the same: the third would have ended it.
  expect(clock.armed).toBe(0);
});

test('a closed pool leaves all to others', async () => {
  const { pool, clock, read } = await poolOf(1);
  const waiting = [read('hang'), read('hang'), read('abc')];
  await pool.close();
  expect(await Promise.all([...waiting, read('abc')])).toEqual(Array(4).fill(undefined));
  expect(clock.armed).toBe(0);
});
