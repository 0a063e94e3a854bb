import { Unpackr } from 'msgpackr';
import { expect, test } from 'vitest';
import { Dealer, Subscriber } from 'zeromq';
import { blockHashes, sequenceHashes } from '#core/tokens/block-hash.ts';
import { mockOf } from '#test/support/mock-scenery.ts';

const PROMPT = Array.from({ length: 40 }, (_, index) => 300 + index);

interface Completion {
  readonly choices: readonly { readonly text: string }[];
  readonly usage: { readonly prompt_tokens_details: { readonly cached_tokens: number } };
}

async function complete(url: string, body: object): Promise<Completion> {
  const response = await fetch(`${url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'tiny', prompt: PROMPT, max_tokens: 4, ...body }),
  });
  return (await response.json()) as Completion;
}

const unpackr = new Unpackr({ useRecords: false });

test('a prompt that was served before is found in the cache', async () => {
  const { url } = await mockOf();
  const cold = await complete(url, {});
  const warm = await complete(url, {});
  expect(cold.usage.prompt_tokens_details.cached_tokens).toBe(0);
  expect(warm.usage.prompt_tokens_details.cached_tokens).toBe(32);
  expect(warm.choices[0]!.text).toBe(cold.choices[0]!.text);
});

test('a prompt with half of its answer goes on with the other half', async () => {
  const { url } = await mockOf();
  const whole = await complete(url, { max_tokens: 6 });
  const words = whole.choices[0]!.text.match(/\d+/g)!.map(Number);
  const rest = await complete(url, { prompt: [...PROMPT, ...words.slice(0, 3)], max_tokens: 3 });
  expect(rest.choices[0]!.text).toBe(
    words
      .slice(3)
      .map((id) => ` w${id}`)
      .join(''),
  );
});

test('what was published can be asked for again, by the hashes that routers compute', async () => {
  const { url, kvReplay } = await mockOf();
  await complete(url, { cache_salt: 'tenant-1' });
  const socket = new Dealer();
  socket.connect(kvReplay!);
  await socket.send(['', Buffer.alloc(8)]);
  const [, topic, sequence, payload] = await socket.receive();
  const end = await socket.receive();
  socket.close();
  expect([String(topic), sequence!.readBigUInt64BE()]).toEqual(['', 0n]);
  const hashes = sequenceHashes(blockHashes(PROMPT, 16, { cacheNamespace: 'tenant-1' }));
  expect(unpackr.unpack(payload!)).toEqual([
    expect.any(Number),
    [
      {
        type: 'BlockStored',
        block_hashes: [...hashes],
        parent_block_hash: null,
        token_ids: PROMPT.slice(0, 32),
        block_size: 16,
        lora_id: null,
        medium: 'GPU',
        lora_name: null,
        extra_keys: [['tenant-1'], null],
        group_idx: 0,
        kv_cache_spec_kind: 'full_attention',
      },
    ],
    0,
  ]);
  expect(end.map((frame) => frame.toString('hex'))).toEqual(['', '', 'ff'.repeat(8), '']);
});

test('a subscriber hears of new blocks', async () => {
  const { url, kvEvents } = await mockOf();
  const socket = new Subscriber();
  socket.subscribe();
  socket.connect(kvEvents!);
  const heard = socket.receive();
  // A subscription takes its time: publish until one is heard.
  let isHeard = false;
  void heard.then(() => {
    isHeard = true;
  });
  for (let salt = 0; !isHeard; salt++) await complete(url, { cache_salt: `${salt}` });
  socket.close();
  const [, sequence, payload] = await heard;
  expect(unpackr.unpack(payload!)[1][0].extra_keys[0]).toEqual([`${sequence!.readBigUInt64BE()}`]);
});

test('a client that leaves frees its request', async () => {
  const { url, mock } = await mockOf();
  const leaving = new AbortController();
  const response = await fetch(`${url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'tiny', prompt: PROMPT, max_tokens: 16_000, stream: true }),
    signal: leaving.signal,
  });
  await response.body!.getReader().read();
  expect(mock.worker.requests).toBe(1);
  leaving.abort();
  await expect.poll(() => mock.worker.requests).toBe(0);
  expect(mock.worker.engine.isEmpty).toBe(true);
});
