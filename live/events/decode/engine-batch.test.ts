import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pack } from 'msgpackr';
import { expect, test } from 'vitest';
import { needReference } from '#test/shared.ts';
import { plainView, readRecording } from '#test/support/recorded-events.ts';
import { decodeEngineBatch, readEngineBatch } from './engine-batch.ts';
import { unpack } from './unpack.ts';

/** The fields of an event in the decoded view, counted by hand from the releases' own structs. */
const ARRAY_PLACES = { hashes: 1, parent: 2, tokens: 3, blockSize: 4, medium: 6, lora: 7 } as const;

interface SeenEvent {
  readonly tag: unknown;
  readonly hashes: unknown;
  readonly parent: unknown;
  readonly tokens: unknown;
  readonly blockSize: unknown;
  readonly medium: unknown;
  readonly lora: unknown;
}

/** What a person reads off the decoded view. */
function seen(event: unknown): SeenEvent {
  if (Array.isArray(event)) {
    const [tag] = event as unknown[];
    const isStored = tag === 'BlockStored';
    return {
      tag,
      hashes: event[ARRAY_PLACES.hashes],
      parent: isStored ? event[ARRAY_PLACES.parent] : null,
      tokens: isStored ? event[ARRAY_PLACES.tokens] : null,
      blockSize: isStored ? event[ARRAY_PLACES.blockSize] : null,
      medium: isStored ? event[ARRAY_PLACES.medium] : event[2],
      lora: isStored ? event[ARRAY_PLACES.lora] : null,
    };
  }
  const fields = event as Record<string, unknown>;
  return {
    tag: fields.type,
    hashes: fields.block_hashes,
    parent: fields.parent_block_hash ?? null,
    tokens: fields.token_ids ?? null,
    blockSize: fields.block_size ?? null,
    medium: fields.medium,
    lora: fields.lora_name ?? null,
  };
}

/** The number of a name in the view; of a digest its last eight bytes. */
function nameOf(value: unknown): bigint {
  const text = String(value);
  return text.startsWith('hex ') ? BigInt(`0x${text.slice(-16)}`) : BigInt(text);
}

test('every payload of every recorded release is read as its recorder saw it', (context) => {
  const folder = dirname(needReference(context, 'peers', 'kv-events', 'vllm-0.32.0-sha256.json'));
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  expect(names.length).toBeGreaterThanOrEqual(17);
  for (const name of names) {
    const { recording, payloadOf } = readRecording(join(folder, name.slice(0, -'.json'.length)));
    for (const message of recording.messages) {
      if (message.events === undefined) continue;
      const payload = payloadOf(message);
      expect(plainView(unpack(payload))).toEqual(plainView(message.events));
      const [time, events, rank] = plainView(message.events) as [number, unknown[], bigint?];
      const batch = decodeEngineBatch(payload);
      expect([batch.timeS, batch.dropped]).toEqual([Number(time), []]);
      expect(batch.rank).toEqual(rank === undefined ? undefined : Number(rank));
      expect(batch.events).toHaveLength(events.length);
      for (const [index, event] of batch.events.entries()) compare(event, seen(events[index]));
    }
  }
});

function compare(event: ReturnType<typeof decodeEngineBatch>['events'][number], view: SeenEvent) {
  if (event.kind === 'cleared') {
    expect(view.tag).toBe('AllBlocksCleared');
    return;
  }
  if (event.kind === 'stored_hashes') throw new Error('engines send tokens');
  expect(event.kind === 'removed' ? 'BlockRemoved' : 'BlockStored').toBe(view.tag);
  expect(event.hashes).toEqual((view.hashes as unknown[]).map(nameOf));
  expect(event.tier).toBe(view.medium === 'CPU' ? 'host' : 'device');
  if (event.kind === 'removed') return;
  expect(event.parent).toEqual(view.parent === null ? undefined : nameOf(view.parent));
  expect(event.tokens.map(BigInt)).toEqual(view.tokens);
  expect(BigInt(event.blockSize)).toBe(view.blockSize);
  expect(event.loraName ?? null).toBe(view.lora ?? null);
}

const HASH_BYTES = Uint8Array.from({ length: 32 }, (_, at) => at);

test('names are unsigned, signed, or digests of which the last eight bytes count', () => {
  const stored = { type: 'BlockStored', parent_block_hash: -1n, token_ids: [1, 2], block_size: 2 };
  const names = [7, 2n ** 64n - 1n, -1, -(2n ** 63n), Buffer.from(HASH_BYTES)];
  const [event] = decodeEngineBatch(pack([1.5, [{ ...stored, block_hashes: names }]])).events;
  expect(event).toMatchObject({
    hashes: [7n, 2n ** 64n - 1n, 2n ** 64n - 1n, 2n ** 63n, 0x18191a1b1c1d1e1fn],
    parent: 2n ** 64n - 1n,
  });
});

test('a tail may be long, of another order or of a later release', () => {
  const head = ['BlockStored', [1], null, [1, 2], 2, null, 'GPU', 'adapter', [['adapter']]];
  const main = { index: 3, kind: 'full_attention' };
  const tail = [3, 'full_attention', null, 'LOCAL', 'framework', 'session', 'of tomorrow'];
  const objects = [{ mm_objects: [{ mm_hash: 42, offsets: [] }] }];
  const read = (event: unknown[]) => readEngineBatch([0, [event]]).events[0];
  expect(read([...head, ...tail])).toMatchObject({ group: main, loraName: 'adapter' });
  expect(read([...head, objects, ...tail])).toMatchObject({ group: main, mediaHashes: [[42n]] });
  const salted = ['BlockStored', [1], null, [1, 2], 2, null, 'GPU', { cache_salt: 'tenant' }];
  expect(read(salted)).toMatchObject({ cacheSalt: 'tenant', loraName: undefined });
});

test('a batch may be a map, and so may what it holds', () => {
  const batch = { ts: 2, events: [{ type: 'AllBlocksCleared' }], attn_dp_rank: 3 };
  expect(decodeEngineBatch(pack(batch))).toMatchObject({ rank: 3, events: [{ kind: 'cleared' }] });
});

test('pairs of tokens are the tokens of a drafting engine', () => {
  const pairs = [
    [1, 2],
    [2, 3],
  ];
  const event = ['BlockStored', [1], null, pairs, 2];
  expect(readEngineBatch([0, [event]]).events[0]).toMatchObject({
    tokens: [1, 2, 3],
    bigrams: true,
  });
});

test('what is not known is left out by name, and never taken for device memory', () => {
  const stored = ['BlockStored', [1], null, [1, 2], 2, null];
  const batch = readEngineBatch([
    0,
    [
      ['BlockMoved', 1],
      [...stored, 'TAPE'],
      [...stored, 'GPU', null, null, 0, 'full_attention', null, 'REMOTE'],
      [...stored, 'cpu_pinned'],
    ],
  ]);
  expect(batch.dropped).toEqual([
    { reason: 'unknown_event', word: 'BlockMoved' },
    { reason: 'unknown_medium', word: 'TAPE' },
    { reason: 'not_local', word: 'REMOTE' },
  ]);
  expect(batch.events).toMatchObject([{ tier: 'host' }]);
});

test.each([
  ['nothing', new Uint8Array(0)],
  ['half a message', Uint8Array.of(0x93, 0xcb)],
  ['two messages', Uint8Array.of(0xc0, 0xc0)],
  ['a number', pack(7)],
  ['a batch without events', pack([1.5])],
  ['an event that is a text', pack([1.5, ['BlockStored']])],
  ['a name that is a text', pack([1.5, [['BlockRemoved', ['x']]]])],
  ['a short digest', pack([1.5, [['BlockRemoved', [Buffer.from([1, 2])]]]])],
  ['a token below 0', pack([1.5, [['BlockStored', [1], null, [-1], 1]]])],
  ['no block size', pack([1.5, [['BlockStored', [1], null, [1]]]])],
  ['an array that claims to be endless', Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff)],
  ['an unknown extension', Uint8Array.of(0xc7, 3, 0x72, 1, 2, 3)],
])('%s is refused with a typed error', (_, payload) => {
  expect(() => decodeEngineBatch(payload)).toThrow(
    expect.objectContaining({ name: 'DecodeError', code: 'kv_event_invalid' }),
  );
});
