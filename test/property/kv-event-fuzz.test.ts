import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { pack } from 'msgpackr';
import { expect, test } from 'vitest';
import { decodePlaneMessage } from '#live/events/dynamo/envelope.ts';
import { decodeRouterEvents } from '#live/events/dynamo/router-event.ts';
import { decodeSnapshot } from '#live/events/nats/bincode.ts';
import { RankFeed } from '#live/events/rank-feed.ts';
import { readLiveFrame, readReplayFrame } from '#live/events/session/frame.ts';
import { readLoggedEvents } from '#live/events/trtllm/read-events.ts';
import { needReference } from '../shared.ts';
import { IndexFacts } from '../support/index-facts.ts';
import { readRecording } from '../support/recorded-events.ts';
import { check } from './check.ts';

const SIZE = 4;

/** What is done to a payload: bytes changed, cut out, doubled. */
const harm = fc.record({
  kind: fc.constantFrom('change', 'cut', 'double'),
  at: fc.nat(10_000),
  length: fc.nat(8),
  byte: fc.nat(255),
});

type Harm = Readonly<{ kind: string; at: number; length: number; byte: number }>;

function harmed(payload: Uint8Array, harms: readonly Harm[]): Uint8Array {
  let bytes = Buffer.from(payload);
  for (const { kind, at, length, byte } of harms) {
    const place = bytes.length === 0 ? 0 : at % bytes.length;
    const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
    if (kind === 'change' && bytes.length > 0) bytes[place] = byte;
    else if (kind === 'cut') bytes = Buffer.concat([before, after.subarray(length)]);
    else bytes = Buffer.concat([before, after.subarray(0, length), after]);
  }
  return bytes;
}

/** Values of msgpack in the place of batches, events and fields. */
const value = fc.anything({ withBigInt: true, withTypedArray: true, maxDepth: 3 });
const event = fc.oneof(
  value,
  fc.tuple(fc.constantFrom('BlockStored', 'BlockRemoved', 'AllBlocksCleared'), value, value, value),
  fc.record({
    type: fc.constantFrom('BlockStored', 'BlockRemoved'),
    block_hashes: fc.oneof(value, fc.array(fc.bigInt(-(2n ** 63n), 2n ** 64n - 1n))),
    token_ids: fc.oneof(value, fc.array(fc.nat())),
    block_size: fc.oneof(value, fc.constant(SIZE)),
    extra_keys: fc.oneof(value, fc.array(fc.array(value))),
    medium: fc.oneof(value, fc.constantFrom('GPU', 'CPU', null)),
  }),
);

function packed(batch: unknown): Uint8Array {
  try {
    return pack(batch);
  } catch {
    // Not everything can be packed.
    return new Uint8Array(0);
  }
}

/** Whatever it is, it is read, or refused with the typed error. */
function readOrRefuse(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toMatchObject({ code: 'kv_event_invalid' });
  }
}

test('no payload makes a feed throw, and a feed that is closed holds nothing', (context) => {
  const folder = dirname(needReference(context, 'peers', 'kv-events', 'vllm-0.32.0-sha256.json'));
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const payloads = names.flatMap((name) => {
    const { recording, payloadOf } = readRecording(join(folder, name.slice(0, -'.json'.length)));
    return recording.messages.slice(0, 20).map(payloadOf);
  });
  const recorded = fc
    .tuple(fc.constantFrom(...payloads), fc.array(harm, { maxLength: 4 }))
    .map(([payload, harms]) => harmed(payload, harms));
  const made = fc.tuple(value, fc.array(event), value).map(packed);
  const payload = fc.oneof(recorded, made, fc.uint8Array({ maxLength: 64 }));
  check(fc.array(payload, { minLength: 1, maxLength: 5 }), 100, (sent) => {
    const facts = new IndexFacts();
    const feed = new RankFeed({ target: 0, blockSize: SIZE, facts, rank: 0, ranks: 1 });
    for (const bytes of sent) {
      expect(['applied', 'cleared', 'unreadable']).toContain(feed.batch(bytes));
    }
    feed.forget();
    expect([facts.forest.nodes, facts.index.blocksOf(0)]).toEqual([0, 0]);
  });
});

test('no bytes make a reader throw anything but its own error', () => {
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 64 }), value.map(packed));
  check(fc.tuple(bytes, fc.array(bytes, { maxLength: 5 })), 100, ([one, parts]) => {
    readLiveFrame(parts);
    readReplayFrame(parts);
    readOrRefuse(() => decodePlaneMessage(parts));
    readOrRefuse(() => decodeRouterEvents(one));
    readOrRefuse(() => decodeSnapshot(one));
    readOrRefuse(() => readLoggedEvents(new TextDecoder().decode(one), SIZE));
  });
  check(fc.json(), 100, (text) => readOrRefuse(() => readLoggedEvents(text, SIZE)));
});
