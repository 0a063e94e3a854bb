import { expect, test } from 'vitest';
import { JsonObject } from '#live/bytes/json-object.ts';
import type { PromptBlocks } from '#live/routing/route-ask.ts';
import { BadPrompt, firstOf, type PromptReader, type PromptSource } from './prompt-reader.ts';
import { textPrefixReader } from './text-prefix-reader.ts';
import { tokenIdsReader } from './token-ids-reader.ts';

function source(body: object, more: Partial<PromptSource> = {}): PromptSource {
  const bytes = new JsonObject(Buffer.from(JSON.stringify(body)));
  return { route: 'completions', body: bytes, model: 'tiny', salt: {}, ...more };
}

async function read(reader: PromptReader, from: PromptSource): Promise<PromptBlocks | undefined> {
  return await reader.read(from);
}

/** Dynamo's own vectors: the block of tokens 1–4, and the chain of 1–4 and 5–8. */
const FIRST = 14643705804678351452n;
const SECOND = 4945711292740353085n;

test.each([
  [{ prompt: [1, 2, 3, 4, 5, 6, 7, 8, 9] }, 9, [FIRST, SECOND]],
  [{ prompt: [1, 2, 3] }, 3, []],
  [{ prompt: [[1, 2, 3, 4], [5]] }, 5, [FIRST]],
])('token ids give blocks: %j', async (body, inputTokens, hashes) => {
  const blocks = await read(tokenIdsReader(4), source(body));
  expect(blocks?.inputTokens).toBe(inputTokens);
  expect(Array.from(blocks!.hashes)).toEqual(hashes);
});

test('the tokens of a hint count for more than the text, and a salt keeps them apart', async () => {
  const hinted = source({ messages: [] }, { route: 'chat', tokenIds: [1, 2, 3, 4] });
  const blocks = await read(tokenIdsReader(4), hinted);
  expect(Array.from(blocks!.hashes)).toEqual([FIRST]);
  const salted = await read(tokenIdsReader(4), { ...hinted, salt: { cacheNamespace: 'a' } });
  expect(salted!.hashes[0]).not.toBe(FIRST);
});

test.each([[[1, -1]], [[1, 1.5]], [[1, 'x']], [[1, 2 ** 32]], [[[1], 2]]])(
  'ids that are none are refused: %j',
  async (prompt) => {
    await expect(async () => read(tokenIdsReader(4), source({ prompt }))).rejects.toThrow(
      BadPrompt,
    );
  },
);

test('text is left to the next reader, also to one that takes its time', async () => {
  const known = { inputTokens: 7, hashes: [] };
  const slow: PromptReader = { read: async () => undefined };
  const last: PromptReader = { read: () => known };
  const reader = firstOf([tokenIdsReader(4), slow, last]);
  expect(await read(reader, source({ prompt: 'abc' }))).toBe(known);
  expect(await read(firstOf([slow]), source({ prompt: 'abc' }))).toBeUndefined();
});

test('a conversation that goes on begins with the blocks of its beginning', async () => {
  const turn = (text: string) => ({ role: 'user', content: text });
  const opening = [turn('a'.repeat(200))];
  const chat = (messages: unknown) => source({ messages }, { route: 'chat' });
  const reader = textPrefixReader(4);
  const before = await read(reader, chat(opening));
  const after = await read(reader, chat([...opening, turn('and then?')]));
  const other = await read(reader, chat([turn('b'.repeat(200))]));
  expect(before!.hashes.length).toBeGreaterThan(10);
  expect(Array.from(after!.hashes).slice(0, before!.hashes.length)).toEqual(
    Array.from(before!.hashes),
  );
  expect(after!.inputTokens).toBeGreaterThan(before!.inputTokens);
  expect(other!.hashes[5]).not.toBe(before!.hashes[5]);
});
