import { expect, onTestFinished, test } from 'vitest';
import { NS_PER_S } from '#core/base/time.ts';
import { JsonObject } from '#live/bytes/json-object.ts';
import { engineThat } from '#test/support/front-scenery.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { plain } from '#test/support/scripted-engine.ts';
import { engineReader } from './engine-reader.ts';
import type { PromptSource } from './prompt-reader.ts';

const source: PromptSource = {
  route: 'completions',
  body: new JsonObject(Buffer.from('{"model":"tiny","prompt":"hello"}')),
  model: 'tiny',
  salt: {},
};

async function hungAndWell() {
  const hung = await engineThat(() => undefined);
  const well = await engineThat(({ socket }) => void socket.write(plain('{"tokens":[7,8]}')));
  const clock = new ManualClock();
  const reader = engineReader({
    engines: () => [hung, well],
    blockSize: 16,
    clock,
    timeoutMs: 200,
  });
  const inputTokens = async () => (await reader.read(source))?.inputTokens;
  return { hung, well, clock, reader, inputTokens };
}

test('an engine that hangs costs one prompt its time, and is asked ever more rarely', async () => {
  const { hung, well, clock, inputTokens } = await hungAndWell();
  expect(await inputTokens()).toBeUndefined();
  for (let prompt = 0; prompt < 10; prompt++) expect(await inputTokens()).toBe(2);
  // One question, by one way: the deadline is that of both.
  expect([hung.requests.length, well.requests.length]).toEqual([1, 10]);
  const asked: number[] = [];
  for (const restS of [2, 4, 8]) {
    clock.advance(restS * NS_PER_S - 1);
    for (let prompt = 0; prompt < 2; prompt++) expect(await inputTokens()).toBe(2);
    clock.advance(1);
    for (let prompt = 0; prompt < 2; prompt++) await inputTokens();
    asked.push(hung.requests.length);
  }
  expect(asked).toEqual([2, 3, 4]);
});

test('an engine that cannot be reached costs no prompt its tokens', async () => {
  const { well, clock } = await hungAndWell();
  const gone = { url: 'http://127.0.0.1:1' };
  const reader = engineReader({ engines: () => [gone, well], blockSize: 16, clock });
  for (let prompt = 0; prompt < 4; prompt++) {
    expect((await reader.read(source))?.inputTokens).toBe(2);
  }
});

test('an engine whose answer does not end is hung up on, and another one asked', async () => {
  const { well, clock } = await hungAndWell();
  const endless = await engineThat(({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{"tokens":[1');
    const pour = (): void => {
      while (socket.writable && socket.write(',1'.repeat(10_000)));
    };
    socket.on('drain', pour);
    pour();
  });
  const engines = [endless, well];
  const reader = engineReader({
    ...{ engines: () => engines, blockSize: 16, clock, maxAnswerBytes: 100_000 },
  });
  expect((await reader.read(source))?.inputTokens).toBe(2);
  await endless.requests[0]!.hungUp;
});

test('an engine that renders nonsense is asked to tokenize, and is not left out', async () => {
  const engine = await engineThat(({ path, socket }) => {
    socket.write(plain(path === '/tokenize' ? '{"tokens":[7,8]}' : '{<html>'));
  });
  const reader = engineReader({ engines: () => [engine], blockSize: 16, clock: new ManualClock() });
  for (let prompt = 0; prompt < 2; prompt++) {
    expect((await reader.read(source))?.inputTokens).toBe(2);
  }
});

test('a client that leaves is waited for no longer, and its engine is not blamed', async () => {
  const { hung, reader, clock } = await hungAndWell();
  const left = new AbortController();
  onTestFinished(() => left.abort());
  const read = Promise.resolve(reader.read(source, left.signal));
  await hung.request(0);
  left.abort(new Error('gone'));
  await expect(read).rejects.toThrow('gone');
  await reader.read(source);
  await reader.read(source);
  expect([hung.requests.length, clock.nowNs()]).toEqual([2, 0]);
});
